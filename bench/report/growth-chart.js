import { humanBytes, humanCount, microsecondsText } from "./numbers.js";
import { dot, line, path, svg, text } from "./svg.js";

const PANEL = { width: 340, height: 190 };
const MARGIN = { left: 64, top: 40, right: 20, bottom: 34 };
const COLOURS = ["a", "b", "c", "d"];
const KINDS = { tokens: "distinct tokens", teams: "teams in one verifier", keys: "keys in a set" };

/** Time and memory against each count, both axes logarithmic: a straight line is a power law. */
export function growthChart({ growth }) {
  const parts = [];
  let top = 0;
  for (const [kind, title] of Object.entries(KINDS)) {
    const panels = [
      { unit: "µs", label: microsecondsText, heading: `microseconds against ${title}` },
      { unit: "bytes", label: humanBytes, heading: `memory against ${title}` },
    ];
    const drawn = panels.map(({ unit, ...panel }, column) =>
      drawPanel(
        growth[kind].filter((series) => series.unit === unit),
        {
          ...panel,
          x: column * (PANEL.width + MARGIN.left + MARGIN.right),
          y: top,
        },
      ),
    );
    parts.push(drawn.map(({ marks }) => marks));
    top += Math.max(...drawn.map(({ height }) => height));
  }
  const width = 2 * (PANEL.width + MARGIN.left + MARGIN.right);
  return svg(width, top + 12, "Cost against tokens, teams and keys", parts);
}

function drawPanel(series, { x, y, label, heading }) {
  const points = series.flatMap((each) => each.points);
  const across = decades(points.map(([count]) => count));
  const up = decades(points.map(([, value]) => value));
  const left = x + MARGIN.left;
  const bottom = y + MARGIN.top + PANEL.height;
  const toX = (count) => left + across.share(count) * PANEL.width;
  const toY = (value) => bottom - up.share(value) * PANEL.height;
  const marks = [text(left, y + 26, heading, { className: "title" })];
  for (const count of across.ticks) {
    marks.push(
      line(toX(count), bottom, toX(count), y + MARGIN.top, "grid"),
      text(toX(count), bottom + 16, humanCount(count), { className: "faint", anchor: "middle" }),
    );
  }
  for (const value of up.ticks) {
    marks.push(
      line(left, toY(value), left + PANEL.width, toY(value), "grid"),
      text(left - 6, toY(value) + 4, label(value), { className: "faint", anchor: "end" }),
    );
  }
  series.forEach(({ name, points }, index) => {
    const places = points.map(([count, value]) => [toX(count), toY(value)]);
    const colour = COLOURS[index];
    marks.push(
      path(places, colour),
      places.map(([px, py]) => dot(px, py, colour)),
      text(left, bottom + MARGIN.bottom + 2 + 16 * index, `● ${name}`, { className: colour }),
    );
  });
  return { marks, height: MARGIN.top + PANEL.height + MARGIN.bottom + 16 * series.length + 8 };
}

/** A logarithmic axis from one power of ten to another. */
function decades(values) {
  const first = Math.floor(Math.log10(Math.min(...values)));
  const last = Math.max(first + 1, Math.ceil(Math.log10(Math.max(...values))));
  return {
    ticks: Array.from({ length: last - first + 1 }, (_, index) => 10 ** (first + index)),
    share: (value) => (Math.log10(value) - first) / (last - first),
  };
}
