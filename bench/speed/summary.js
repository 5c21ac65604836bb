// From the figures of all rounds to the published ones.

import { median, medianRatio, spread } from "../statistics.js";
import { BY_HAND, FAST_JWT, FAST_JWT_CACHED, POSTERN, RAW } from "./contestants.js";

const held = (id, name) => ({ id, name, clock: "held" });
const wall = (id, name) => ({ id, name, clock: "wall" });

/** The most important ratios, each of two figures of the same round. */
const RATIOS = [
  {
    text: "Main-thread time of a new token, in sequence, ÷ raw verification",
    of: held("sequence", POSTERN),
    to: held("sequence", RAW),
    better: "lower",
  },
  {
    text: "Main-thread time of a new token, 64 at once, ÷ raw verification",
    of: held("atOnce", POSTERN),
    to: held("atOnce", RAW),
    better: "lower",
  },
  {
    text: "Throughput of new tokens, in sequence, ÷ raw verification",
    of: wall("sequence", RAW),
    to: wall("sequence", POSTERN),
    better: "higher",
  },
  {
    text: "Throughput of new tokens, 64 at once, ÷ raw verification",
    of: wall("atOnce", RAW),
    to: wall("atOnce", POSTERN),
    better: "higher",
  },
  {
    text: "Main-thread time of a forged token ÷ an accepted one",
    of: held("refused", POSTERN),
    to: held("sequence", POSTERN),
    better: "lower",
  },
  {
    text: "Speed of a repeated token, × fast-jwt with its cache",
    of: held("repeated", FAST_JWT_CACHED),
    to: held("repeated", POSTERN),
    better: "higher",
  },
  {
    text: "Main-thread time of a repeated Node request ÷ a repeated token",
    of: held("request", POSTERN),
    to: held("repeated", POSTERN),
    better: "lower",
  },
  {
    text: "Speed of `decodeUnverified`, × fast-jwt's decoder",
    of: held("decode", FAST_JWT),
    to: held("decode", POSTERN),
    better: "higher",
  },
];

/** The medians of each case and contestant; ratios are medians of the rounds' own ratios. */
export function summarize(figures) {
  const series = ({ id, name, clock }) => figures[id]?.[name]?.map((each) => each[clock]);
  const ratio = (of, to) => {
    const [above, below] = [series(of), series(to)];
    return above && below && medianRatio(above, below);
  };
  const cases = {};
  for (const [id, byName] of Object.entries(figures)) {
    cases[id] = {};
    for (const [name, values] of Object.entries(byName)) {
      const clocks = {};
      for (const clock of ["wall", "held"]) {
        const its = values.map((each) => each[clock]);
        clocks[clock] = median(its);
        clocks[`${clock}Spread`] = spread(its) / clocks[clock];
        clocks[`${clock}ToRaw`] = ratio({ id, name, clock }, { id, name: RAW, clock });
      }
      cases[id][name] = { ...clocks, cores: median(values.map((each) => each.all / each.wall)) };
    }
  }
  const byHand = (part) => (part.name === POSTERN ? { ...part, name: BY_HAND } : part);
  const ratios = RATIOS.map(({ text, of, to, better }) => ({
    text,
    better,
    postern: ratio(of, to),
    byHand: ratio(byHand(of), byHand(to)),
  })).filter(({ postern }) => postern !== undefined);
  return { cases, ratios };
}
