// Writes docs/performance.md and the charts again, from the results of the last runs.

import { writePage } from "./results.js";

await writePage();
