import * as Plot from "@observablehq/plot";
import { frame, panel } from "./frame.js";

const MB = 2 ** 20;

/** Memory and the event loop's delay, round by round, both from zero. */
export function soakChart({ series, rounds, duration, requests }, palette) {
  const memory = series.memory.map((bytes) => bytes / MB);
  return frame({
    title: "Soak test: memory and event loop delay",
    description: `Memory stays near ${memory.at(-1).toFixed(0)} MB and the delay near ${series.delay.at(-1).toFixed(1)} ms over ${rounds} rounds.`,
    palette,
    panels: [
      overRounds("Memory after garbage collection, MB", memory, {
        palette,
        colour: palette.first,
        label: (value) => `${value.toFixed(1)} MB`,
        // Room above, so that a rise would show as one.
        most: 1.5 * Math.max(...memory),
      }),
      overRounds("Event loop delay, median of a round, ms", series.delay, {
        palette,
        colour: palette.second,
        label: (value) => `${value.toFixed(2)} ms`,
        most: Math.max(1, 1.5 * Math.max(...series.delay)),
      }),
    ],
    notes: [
      `${rounds} rounds, ${Math.round(duration / 60)} minutes, ${requests.toLocaleString("en")} requests`,
    ],
  });
}

function overRounds(heading, values, { palette, colour, label, most }) {
  const points = values.map((value, round) => ({ round: round + 1, value }));
  const last = points.at(-1);
  return panel(
    { heading },
    {
      palette,
      height: 150,
      marginLeft: 48,
      marginRight: 16,
      marginTop: 10,
      marginBottom: 30,
      x: { label: null, ticks: 5 },
      y: { domain: [0, most], label: null, ticks: 3 },
      marks: [
        Plot.gridY({ ticks: 3, stroke: palette.grid, strokeOpacity: 1 }),
        Plot.line(points, { x: "round", y: "value", stroke: colour, strokeWidth: 2 }),
        Plot.text([last], {
          x: "round",
          y: "value",
          text: () => `${label(last.value)} at the end`,
          fill: colour,
          textAnchor: "end",
          dy: -14,
        }),
      ],
    },
  );
}
