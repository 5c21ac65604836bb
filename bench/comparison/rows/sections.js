import { keySets } from "./key-sets.js";
import { outages } from "./outages.js";
import { algorithms, errors, options, tokens } from "./tokens.js";
import { waits } from "./waits.js";

/** In the order of the page. Sections with real waits run side by side, after all others. */
export const sections = { outages, waits, keySets, tokens, options, errors, algorithms };
