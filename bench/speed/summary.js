// From the figures of all rounds to what is written down.

import { median, medianRatio, spread } from "../statistics.js";
import { FAST_JWT, FAST_JWT_CACHED, POSTERN, RAW } from "./contestants.js";

/** Ratios that say the most; above 1 postern is the faster one. */
const RATIOS = [
  { of: "sequence", to: RAW, text: "distinct, in sequence, of raw verification in sequence" },
  { of: "atOnce", to: RAW, text: "distinct, 64 at once, of raw verification 64 at once" },
  { of: "atOnce", to: FAST_JWT, text: "distinct, 64 at once, × fast-jwt without its cache" },
  { of: "repeated", to: FAST_JWT_CACHED, text: "repeated, × fast-jwt with its cache" },
];

/** Per case and contestant: microseconds (median), spread (share of it), ratio to raw. */
export function summarize(figures) {
  const cases = {};
  for (const [id, byName] of Object.entries(figures)) {
    cases[id] = {};
    for (const [name, values] of Object.entries(byName)) {
      const microseconds = median(values);
      cases[id][name] = {
        microseconds,
        spread: spread(values) / microseconds,
        ofRaw: byName[RAW] && medianRatio(byName[RAW], values),
      };
    }
  }
  const ratios = RATIOS.filter(({ of, to }) => figures[of]?.[to] && figures[of][POSTERN]).map(
    ({ of, to, text }) => ({ text, value: medianRatio(figures[of][to], figures[of][POSTERN]) }),
  );
  return { cases, ratios };
}
