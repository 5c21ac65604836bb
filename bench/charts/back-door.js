import { svg, text } from "./frame.js";

/**
 * The purpose of postern: requests through Access carry a token, requests that bypass it do not.
 */
export function backDoorDrawing(_, palette) {
  const { text: ink, faint, ours: good, second: bad, edge, grid } = palette;
  const box = (x, y, width, height) =>
    `<rect x="${x}" y="${y}" width="${width}" height="${height}" rx="8" fill="${grid}" fill-opacity="0.35" stroke="${faint}" stroke-width="1.5"/>`;
  const centred = 'text-anchor="middle"';
  const bold = `${centred} font-weight="600"`;
  const arrow = (path, head, colour, dashes = "") =>
    `<path d="${path}" fill="none" stroke="${colour}" stroke-width="2.5" ${dashes}/><path d="${head}" fill="${colour}"/>`;
  return svg({
    title: "With and without Cloudflare Access",
    description:
      "A visitor logs in at Cloudflare Access, which signs a token. postern, at the origin, verifies the token and lets the request through to the application. An attacker who knows the origin's address bypasses Access and brings no token, or a forged one: postern answers 401.",
    palette,
    height: 400,
    parts: [
      box(12, 24, 152, 70),
      text(88, 54, "Visitor", ink, bold),
      text(88, 78, "logs in", ink, centred),
      box(226, 24, 238, 70),
      text(345, 54, "Cloudflare Access", ink, bold),
      text(345, 78, "signs a token", ink, centred),
      arrow("M164 59 H214", "M226 59 l-13 -7 v14 z", good),
      `<rect x="210" y="160" width="254" height="222" rx="8" fill="none" stroke="${edge}" stroke-width="1.5"/>`,
      text(384, 190, "Origin", ink, bold),
      text(384, 213, "203.0.113.7", ink, centred),
      `<rect x="210" y="160" width="72" height="222" rx="8" fill="${good}"/>`,
      `<text transform="translate(253 271) rotate(-90)" fill="${palette.paper}" font-size="22" ${bold}>postern</text>`,
      arrow("M246 94 V148", "M246 160 l-7 -13 h14 z", good),
      text(260, 132, "request with token", good),
      box(322, 240, 126, 84),
      text(385, 276, "Your", ink, bold),
      text(385, 300, "application", ink, bold),
      arrow("M282 282 H310", "M322 282 l-13 -7 v14 z", good),
      box(12, 226, 152, 70),
      text(88, 256, "Attacker", ink, bold),
      text(88, 280, "bypasses Access", ink, centred),
      arrow("M164 261 H198", "M210 261 l-13 -7 v14 z", bad, 'stroke-dasharray="7 4"'),
      text(187, 248, "401", bad, bold),
      text(16, 324, "no token,", bad),
      text(16, 346, "or a forged one", bad),
    ],
  });
}
