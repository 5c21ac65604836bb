import { CASES } from "../speed/cases.js";
import { RAW } from "../speed/contestants.js";
import { perSecond } from "./numbers.js";
import { line, rect, svg, text } from "./svg.js";

const WIDTH = 760;
const LABELS = 190;
const BARS = 430;
const ROW = 20;
const PANELS = ["sequence", "atOnce", "repeated"];

/** Verifications per second in the first runtime; raw verification is the dashed line. */
export function speedChart({ speed, machine }) {
  const [{ title, version, cases }] = Object.values(speed);
  const parts = [];
  let y = 28;
  for (const id of PANELS) {
    const rows = Object.entries(cases[id])
      .filter(([name]) => name !== RAW)
      .sort(([, a], [, b]) => a.microseconds - b.microseconds);
    const raw = cases[id][RAW].microseconds;
    const fastest = Math.min(raw, rows[0][1].microseconds);
    const length = (microseconds) => (BARS * fastest) / microseconds;
    parts.push(text(16, y, `${CASES[id].title}, verifications per second`, { className: "title" }));
    y += 10;
    const limit = LABELS + 8 + length(raw);
    const bars = [];
    const labels = [];
    for (const [name, { microseconds }] of rows) {
      const kind = name.startsWith("postern") ? "ours" : "theirs";
      const end = LABELS + 8 + length(microseconds);
      bars.push(rect(LABELS + 8, y + 3, length(microseconds), ROW - 6, kind));
      labels.push(
        text(LABELS, y + 14, name, { anchor: "end" }),
        text(end + 6, y + 14, perSecond(microseconds), { className: "faint" }),
      );
      y += ROW;
    }
    labels.push(
      text(limit, y + 17, `${RAW}: ${perSecond(raw)}`, {
        className: "faint",
        anchor: anchorAt(limit),
      }),
    );
    parts.push(bars, line(limit, y - rows.length * ROW, limit, y + 4, "rule"), labels);
    y += 50;
  }
  const where = `${title} (${version}), ${machine.cores} cores, RSA-2048, 910-character tokens. Longer is better.`;
  parts.push(text(16, y - 10, where, { className: "faint" }));
  return svg(WIDTH, y + 8, `Verifications per second on ${title}`, parts);
}

function anchorAt(x) {
  return x > WIDTH - 200 ? "end" : x < 200 + LABELS ? "start" : "middle";
}
