// Puts panels that Observable Plot drew below each other in one SVG, with a title for screen readers.
//
// A chart is 480 wide and its text 16 high: on a phone, 343 px wide, that leaves 11 px.

import * as Plot from "@observablehq/plot";
import { parseHTML } from "linkedom";

export const WIDTH = 480;
export const FONT = 16;
const HEADING = 30;
const HINT = 22;
const PADDING = 14;

const { document } = parseHTML("<!doctype html><body></body>");

/** One Plot chart for `frame`, below a heading and perhaps a hint. */
export function panel({ heading, hint }, { palette, height, ...options }) {
  const figure = Plot.plot({
    document,
    width: WIDTH,
    height,
    className: "plot",
    style: { fontSize: `${FONT}px`, fontFamily: "system-ui, sans-serif", color: palette.text },
    ...options,
  });
  return { heading, hint, height, figure };
}

/**
 * @param panels made by `panel`
 * @param notes lines below them
 * @returns the SVG as text
 */
export function frame({ title, description, palette, panels, notes = [] }) {
  let y = PADDING;
  const parts = [];
  for (const { heading, hint, height, figure } of panels) {
    parts.push(text(PADDING, y + 18, heading, palette.text, 'font-weight="600"'));
    y += HEADING;
    if (hint !== undefined) {
      parts.push(text(PADDING, y + 10, hint, palette.faint));
      y += HINT;
    }
    figure.setAttribute("x", "0");
    figure.setAttribute("y", String(y));
    parts.push(clean(figure.outerHTML));
    y += height + PADDING;
  }
  for (const note of notes) {
    parts.push(text(PADDING, y + 14, note, palette.faint));
    y += 22;
  }
  return svg({ title, description, palette, height: y + PADDING / 2, parts });
}

export function svg({ title, description, palette, height, parts }) {
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" role="img" aria-labelledby="title about" font-family="system-ui, sans-serif" font-size="${FONT}">
<title id="title">${escaped(title)}</title>
<desc id="about">${escaped(description)}</desc>
<rect x="0.5" y="0.5" width="${WIDTH - 1}" height="${height - 1}" rx="8" fill="${palette.paper}" stroke="${palette.edge}"/>
${parts.join("\n")}
</svg>
`;
}

export function text(x, y, content, fill, attributes = "") {
  return `<text x="${x}" y="${y}" fill="${fill}" ${attributes}>${escaped(content)}</text>`;
}

/**
 * Without Plot's style sheet, which is for pages; and with one decimal in paths, for small files.
 */
function clean(markup) {
  return markup
    .replace(/<style>.*?<\/style>/s, "")
    .replace(/="([^"]*)"/g, (attribute) =>
      attribute.replace(/-?\d+\.\d{2,}/g, (number) => String(Number(Number(number).toFixed(1)))),
    );
}

export function escaped(content) {
  return String(content).replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll('"', "&quot;");
}
