// Drawings as strings. Colours are classes, so that a chart follows the reader's light or dark
// scheme; it brings its own background along, so that it can be read where that does not work.

const STYLE = `
    .background { fill: #ffffff; stroke: #d0d7de }
    text { fill: #24292f; font: 12px system-ui, sans-serif; paint-order: stroke; stroke: #ffffff; stroke-width: 3 }
    .title { font-weight: 600; font-size: 13px }
    .faint { fill: #57606a }
    .grid { stroke: #d8dee4; stroke-width: 1 }
    .rule { stroke: #57606a; stroke-width: 1; stroke-dasharray: 4 3 }
    .ours { fill: #0969da } .theirs { fill: #9aa4af }
    .line { fill: none; stroke-width: 2 }
    .a { stroke: #0969da; fill: #0969da } .b { stroke: #bc4c00; fill: #bc4c00 }
    .c { stroke: #1a7f37; fill: #1a7f37 } .d { stroke: #8250df; fill: #8250df }
    path.line { fill: none }
    text.a, text.b, text.c, text.d { stroke: none }
    @media (prefers-color-scheme: dark) {
      .background { fill: #0d1117; stroke: #30363d }
      text { fill: #e6edf3; stroke: #0d1117 }
      .faint { fill: #9198a1 }
      .grid { stroke: #262c36 }
      .rule { stroke: #9198a1 }
      .ours { fill: #4493f8 } .theirs { fill: #59636e }
      .a { stroke: #4493f8; fill: #4493f8 } .b { stroke: #f0883e; fill: #f0883e }
      .c { stroke: #3fb950; fill: #3fb950 } .d { stroke: #ab7df8; fill: #ab7df8 }
    }`;

export function svg(width, height, description, parts) {
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" role="img" aria-label="${escaped(description)}">
  <style>${STYLE}
  </style>
  <rect class="background" x="0.5" y="0.5" width="${width - 1}" height="${height - 1}" rx="6"/>
  ${parts.flat(Number.POSITIVE_INFINITY).join("\n  ")}
</svg>
`;
}

export function text(x, y, content, { className, anchor } = {}) {
  const attributes = attribute("class", className) + attribute("text-anchor", anchor);
  return `<text x="${place(x)}" y="${place(y)}"${attributes}>${escaped(content)}</text>`;
}

export function rect(x, y, width, height, className) {
  return `<rect class="${className}" x="${place(x)}" y="${place(y)}" width="${place(width)}" height="${place(height)}"/>`;
}

export function line(x1, y1, x2, y2, className) {
  return `<line class="${className}" x1="${place(x1)}" y1="${place(y1)}" x2="${place(x2)}" y2="${place(y2)}"/>`;
}

export function path(points, className) {
  const steps = points.map(([x, y]) => `${place(x)} ${place(y)}`);
  return `<path class="line ${className}" d="M${steps.join(" L")}"/>`;
}

export function dot(x, y, className) {
  return `<circle class="${className}" cx="${place(x)}" cy="${place(y)}" r="2.5"/>`;
}

function attribute(name, value) {
  return value === undefined ? "" : ` ${name}="${value}"`;
}

function place(value) {
  return Number(value.toFixed(1));
}

function escaped(content) {
  return String(content).replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll('"', "&quot;");
}
