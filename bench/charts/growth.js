import * as Plot from "@observablehq/plot";
import { humanBytes, humanCount, microsecondsText } from "../report/numbers.js";
import { frame, panel } from "./frame.js";

const COUNTED = { tokens: "new tokens seen", teams: "teams", keys: "keys in the set" };
const COLOURS = ["first", "second", "third", "fourth"];

/** Time per token and memory against each count, both axes logarithmic. */
export function growthChart({ growth }, palette) {
  const panels = Object.entries(growth).flatMap(([kind, series]) =>
    [
      { unit: "µs", heading: `Time per token, µs, by ${COUNTED[kind]}`, label: microsecondsText },
      { unit: "bytes", heading: `Memory, by ${COUNTED[kind]}`, label: humanBytes },
    ].map(({ unit, ...about }) =>
      lines(
        series.filter((each) => each.unit === unit),
        { ...about, palette },
      ),
    ),
  );
  return frame({
    title: "How cost grows with tokens, teams and keys",
    description:
      "Six charts with logarithmic axes. The table below has every figure, and says of each line whether it is flat or linear.",
    palette,
    panels,
  });
}

function lines(series, { heading, label, palette }) {
  const points = series.flatMap(({ name, points, from = 0 }) =>
    points.filter(([count]) => count >= from).map(([count, value]) => ({ name, count, value })),
  );
  const [across, up] = ["count", "value"].map((axis) => decades(points.map((each) => each[axis])));
  const names = series.map(({ name }) => name);
  const range = COLOURS.map((colour) => palette[colour]);
  const [, top] = up;
  const rise = Math.log10(top) - Math.log10(up[0]);
  const plotHeight = 130;
  // One line of text for each series, above the drawing.
  const key = 21 * names.length + 8;
  return panel(
    { heading },
    {
      palette,
      height: plotHeight + key + 34,
      marginLeft: 74,
      marginRight: 18,
      marginTop: key + 6,
      marginBottom: 28,
      color: { domain: names, range },
      x: {
        type: "log",
        domain: across,
        ticks: powers(across),
        tickFormat: humanCount,
        label: null,
      },
      y: {
        type: "log",
        domain: up,
        ticks: powers(up, rise > 3 ? 2 : 1),
        tickFormat: label,
        label: null,
      },
      marks: [
        Plot.gridY(powers(up, rise > 3 ? 2 : 1), { stroke: palette.grid, strokeOpacity: 1 }),
        Plot.line(points, { x: "count", y: "value", z: "name", stroke: "name", strokeWidth: 2.5 }),
        Plot.dot(points, { x: "count", y: "value", z: "name", fill: "name", r: 4 }),
        ...names.map((name, index) =>
          Plot.text([`● ${name}`], {
            frameAnchor: "top-left",
            text: (words) => words,
            fill: range[index],
            dy: 21 * index - key - 2,
            dx: -60,
          }),
        ),
      ],
    },
  );
}

function decades(values) {
  const first = Math.floor(Math.log10(Math.min(...values)));
  const last = Math.max(first + 1, Math.ceil(Math.log10(Math.max(...values))));
  return [10 ** first, 10 ** last];
}

function powers([first, last], step = 1) {
  const [from, to] = [Math.round(Math.log10(first)), Math.round(Math.log10(last))];
  return Array.from(
    { length: Math.floor((to - from) / step) + 1 },
    (_, n) => 10 ** (from + n * step),
  );
}
