import * as Plot from "@observablehq/plot";
import { microsecondsText, perSecond } from "../report/numbers.js";
import {
  BY_HAND,
  FAST_JWT,
  FAST_JWT_CACHED,
  POSTERN,
  POSTERN_UNCACHED,
  RAW,
} from "../speed/contestants.js";
import { frame, panel } from "./frame.js";

/** Names that fit beside a bar on a phone. */
const SHORT = {
  [RAW]: "raw WebCrypto",
  [BY_HAND]: "by hand",
  [FAST_JWT]: "fast-jwt",
  [FAST_JWT_CACHED]: "fast-jwt, cache",
  "jsonwebtoken + jwks-rsa": "with jwks-rsa",
};
const short = (name) => SHORT[name] ?? name;

/** Main-thread time and throughput of the first runtime. */
export function performanceChart({ speed, machine }, palette) {
  const [{ title, version, cases }] = Object.values(speed);
  const all = { palette, cases };
  return frame({
    title: `Verifying tokens on ${title}`,
    description: describe(cases),
    palette,
    panels: [
      bars("Main-thread time per new token, 64 at once", {
        ...all,
        id: "atOnce",
        value: ({ held }) => held,
        label: ({ held }) => microsecondsText(held),
        hint: "microseconds, shorter is better",
        isLessBetter: true,
      }),
      bars("Throughput, new tokens, 64 at once", {
        ...all,
        id: "atOnce",
        value: ({ wall }) => 1e6 / wall,
        label: ({ wall }) => perSecond(wall),
        hint: "tokens per second, longer is better",
      }),
      bars("Throughput, new tokens, in sequence", {
        ...all,
        id: "sequence",
        value: ({ wall }) => 1e6 / wall,
        label: ({ wall }) => perSecond(wall),
        hint: "tokens per second, longer is better",
      }),
      dots("Time per repeated token", all),
    ],
    notes: [`${title} (${version}), ${machine.cores} cores`, "RSA-2048, tokens of 910 characters"],
  });
}

function describe({ atOnce, sequence, repeated }) {
  const rates = [
    ["64 at once", atOnce],
    ["in sequence", sequence],
  ].map(
    ([what, its]) =>
      `${what}, postern verifies ${perSecond(its[POSTERN].wall)} new tokens per second, raw WebCrypto ${perSecond(its[RAW].wall)}`,
  );
  return `${rates.join("; ")}. A repeated token takes postern ${microsecondsText(repeated[POSTERN].wall)} µs.`;
}

function rowsOf(figures, value, isLessBetter) {
  const sign = isLessBetter ? 1 : -1;
  return Object.entries(figures)
    .map(([name, its]) => ({ name: short(name), kind: kindOf(name), value: value(its), its }))
    .sort((one, other) => sign * (one.value - other.value));
}

function kindOf(name) {
  if (name === RAW || name === BY_HAND) return "limit";
  return name.startsWith("postern") ? "ours" : "theirs";
}

function colours(palette) {
  return {
    domain: ["ours", "theirs", "limit"],
    range: [palette.ours, palette.theirs, palette.second],
  };
}

function bars(heading, { cases, id, value, label, hint, isLessBetter = false, palette }) {
  const { [FAST_JWT_CACHED]: _, [POSTERN_UNCACHED]: __, ...once } = cases[id];
  const rows = rowsOf(once, value, isLessBetter);
  return panel(
    { heading, hint },
    {
      palette,
      height: 26 * rows.length,
      marginLeft: 164,
      marginRight: 74,
      marginTop: 0,
      marginBottom: 4,
      color: colours(palette),
      x: { axis: null, domain: [0, Math.max(...rows.map((row) => row.value))] },
      y: { domain: rows.map(({ name }) => name), label: null, tickSize: 0 },
      marks: [
        Plot.barX(rows, { y: "name", x: "value", fill: "kind", insetTop: 2, insetBottom: 2 }),
        Plot.text(rows, {
          y: "name",
          x: "value",
          text: ({ its }) => label(its),
          textAnchor: "start",
          dx: 6,
          fill: palette.text,
        }),
      ],
    },
  );
}

/** Bars have no length on a logarithmic scale; dots have a place. */
function dots(heading, { cases, palette }) {
  const once = { [RAW]: cases.sequence[RAW], [BY_HAND]: cases.sequence[BY_HAND] };
  const rows = rowsOf({ ...cases.repeated, ...once }, ({ wall }) => wall, true);
  const hint = "microseconds, logarithmic scale, left is better";
  return panel(
    { heading, hint },
    {
      palette,
      height: 26 * rows.length + 28,
      marginLeft: 164,
      marginRight: 62,
      marginTop: 0,
      marginBottom: 30,
      color: colours(palette),
      x: {
        type: "log",
        domain: [0.1, 300],
        ticks: [0.1, 1, 10, 100],
        tickFormat: String,
        label: null,
      },
      y: { domain: rows.map(({ name }) => name), label: null, tickSize: 0 },
      marks: [
        Plot.gridX([0.1, 1, 10, 100], { stroke: palette.grid, strokeOpacity: 1 }),
        Plot.dot(rows, { y: "name", x: "value", fill: "kind", r: 6 }),
        Plot.text(rows, {
          y: "name",
          x: "value",
          text: ({ value }) => microsecondsText(value),
          textAnchor: "start",
          dx: 11,
          fill: palette.text,
        }),
      ],
    },
  );
}
