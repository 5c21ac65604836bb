import * as Plot from "@observablehq/plot";
import { HOUR } from "../fleet/issuer.js";
import { full, STRATEGIES } from "../fleet/run.js";
import { frame, panel } from "./frame.js";

const COLOURS = { postern: "first", jose: "second", "every request": "fourth" };
/** Distinguishable without colours too. */
const DASHES = { postern: undefined, jose: "7 3", "every request": "2 3" };
const WIDTHS = { postern: 3, jose: 2, "every request": 2 };

/** The day, hour by hour: fetches, and refused genuine tokens. */
export function fleetChart(results, palette) {
  const { day } = full;
  const hours = day.end / HOUR;
  // A step needs an end: the last hour's figure is drawn at its end too.
  const each = (value) =>
    STRATEGIES.flatMap((strategy) => {
      const figures = results[strategy].day.hours.slice(0, hours).map(value);
      return [...figures, figures.at(-1)].map((figure, hour) => ({
        strategy,
        hour,
        value: figure,
      }));
    });
  const fetches = each((hour) => Math.max(1, hour.fetches / day.instances));
  const refused = each((hour) => (100 * hour.refused) / (hour.genuine || 1));
  const worst = STRATEGIES.map((strategy) => {
    const its = refused.filter((point) => point.strategy === strategy);
    return `${strategy} ${Math.round(Math.max(...its.map(({ value }) => value)))} %`;
  }).join(", ");
  const all = { day, hours, palette };
  return frame({
    title: `A day of ${day.instances.toLocaleString("en")} instances`,
    description: `Refused genuine tokens in the worst hour: ${worst}. The outage is from 10 to 12, the flood of unknown key ids from 14 to 15.`,
    palette,
    panels: [
      overHours("Key set fetches per instance and hour", fetches, {
        ...all,
        hint: "logarithmic scale",
        y: {
          type: "log",
          domain: [1, 10_000],
          ticks: [1, 10, 100, 1000, 10_000],
          tickFormat: count,
        },
      }),
      overHours("Genuine tokens refused, %", refused, {
        ...all,
        hint: "by hour of the day",
        y: { domain: [0, 100], ticks: [0, 50, 100] },
      }),
    ],
    notes: ["dotted lines: a key rotation"],
  });
}

const count = (value) => value.toLocaleString("en");

function overHours(heading, points, { day, hours, hint, y, palette }) {
  const { first, every } = day.rotations;
  const rotations = [];
  for (let at = first; at < day.end; at += every) rotations.push(at / HOUR);
  const spans = [
    ...day.outages.map(({ from, to }) => ({ from, to, colour: palette.warm })),
    { ...day.flood, colour: palette.cool },
  ].map(({ from, to, colour }) => ({ from: from / HOUR, to: to / HOUR, colour }));
  const [outage] = spans;
  const flood = spans.at(-1);
  const [low, high] = y.domain;
  const series = STRATEGIES.toReversed();
  return panel(
    { heading, hint },
    {
      palette,
      height: 264,
      marginLeft: 72,
      marginRight: 16,
      marginTop: 70,
      marginBottom: 28,
      x: { domain: [0, hours], ticks: [0, 6, 12, 18, 24], label: null },
      y: { ...y, label: null },
      marks: [
        Plot.rect(spans, { x1: "from", x2: "to", y1: low, y2: high, fill: (span) => span.colour }),
        Plot.gridY(y.ticks, { stroke: palette.grid, strokeOpacity: 1 }),
        Plot.ruleX(rotations, { stroke: palette.faint, strokeDasharray: "1 4" }),
        ...series.map((strategy) =>
          Plot.line(
            points.filter((point) => point.strategy === strategy),
            {
              x: "hour",
              y: "value",
              curve: "step-after",
              stroke: palette[COLOURS[strategy]],
              strokeWidth: WIDTHS[strategy],
              strokeDasharray: DASHES[strategy],
            },
          ),
        ),
        ...[
          [outage, "outage", "end", -2],
          [flood, "flood", "start", 2],
        ].map(([span, words, textAnchor, dx]) =>
          Plot.text([span], {
            x: textAnchor === "end" ? "to" : "from",
            y: high,
            text: () => words,
            textAnchor,
            dx: textAnchor === "end" ? dx + 20 : dx,
            dy: -10,
            fill: palette.faint,
          }),
        ),
        ...STRATEGIES.map((strategy, index) =>
          Plot.text([`${["━━", "╌╌", "┈┈"][index]} ${strategy}`], {
            frameAnchor: "top-left",
            text: (words) => words,
            fill: palette[COLOURS[strategy]],
            dx: [-58, 72, 172][index],
            dy: -62,
          }),
        ),
      ],
    },
  );
}
