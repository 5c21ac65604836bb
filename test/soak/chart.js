import { line, path, svg, text } from "../../bench/report/svg.js";
import { median } from "./flat.js";

const PANEL = { left: 56, width: 640, height: 90 };
const MB = 2 ** 20;

/** Memory and the event loop's delay, round by round. */
export function chart(samples) {
  const rounds = Math.max(...samples.map(({ round }) => round)) + 1;
  const each = (gauge) =>
    Array.from({ length: rounds }, (_, round) =>
      median(samples.filter((sample) => sample.round === round).map((sample) => sample[gauge])),
    );
  const memory = each("memory").map((bytes) => bytes / MB);
  const parts = [
    panel("memory after a garbage collection, MB", memory, { top: 36, className: "a" }),
    panel("delay of the event loop, ms", each("delay"), { top: 176, className: "b" }),
    text(PANEL.left + PANEL.width, 286, `${rounds} rounds`, { className: "faint", anchor: "end" }),
  ];
  return svg(PANEL.left + PANEL.width + 24, 300, "Memory and delay, round by round", parts);
}

function panel(title, values, { top, className }) {
  const { left, width, height } = PANEL;
  // From nought, or a slope would look like a cliff.
  const most = 1.25 * Math.max(...values);
  const bottom = top + height;
  const points = values.map((value, index) => [
    left + (width * index) / Math.max(1, values.length - 1),
    bottom - (height * value) / most,
  ]);
  const ticks = [0, most / 2, most].map((value) => {
    const y = bottom - (height * value) / most;
    const label = value.toFixed(most < 10 ? 1 : 0);
    return [
      line(left, y, left + width, y, "grid"),
      text(left - 6, y + 4, label, { className: "faint", anchor: "end" }),
    ];
  });
  return [text(left, top - 12, title, { className: "title" }), ticks, path(points, className)];
}
