import * as secrets from "../secrets.remote.js";

// A page has to use them, or they are not built.
export const load = () => ({
  counts: `${Object.keys(secrets).length} functions,
    removals: ${globalThis.removals ?? 0}, reroutes: ${globalThis.reroutes ?? 0}`,
});

export const actions = { leave: () => ({ said: "the form action" }) };
