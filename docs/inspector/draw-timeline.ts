import type { Moment, Timeline } from "../../src/explain/timeline.ts";
import { h, s } from "./dom.ts";

const HEIGHT = 132;
const BAR = { top: 54, height: 14 } as const;
/** The least width of the tolerance, so that a minute is visible next to a day. */
const LEAST_GRACE = 7;

const WORDS: { readonly [phase in Timeline["phase"]]: string } = {
  early: "not yet valid",
  valid: "valid",
  grace: "within the tolerance",
  over: "expired",
};

/** Draws the lifetime of a token, and describes it in a sentence. */
export function drawTimeline(line: Timeline, room: number): Node {
  const width = Math.max(220, Math.min(room - 48, 900));
  const x = (at: number): number => Math.round(at * width * 10) / 10;
  const [from, to] = line.valid.map(x) as [number, number];
  const early = Math.min(x(line.grace[0]), from - LEAST_GRACE);
  const late = Math.max(x(line.grace[1]), to + LEAST_GRACE);
  const now = x(line.now.at);
  const picture = s(
    "svg",
    {
      viewBox: `0 0 ${width} ${HEIGHT}`,
      width: String(width),
      height: String(HEIGHT),
      role: "img",
      "aria-label": describe(line),
      class: `timeline ${line.phase}`,
    },
    bar("whole", 0, width),
    bar("grace", early, from),
    bar("grace", to, late),
    bar("life", from, to),
    ...(line.broken ? [gap(now < from ? (now + early) / 2 : (now + late) / 2)] : []),
    ...line.moments.map((moment) => tick(moment, x(moment.at), width)),
    s("line", { class: "now", x1: String(now), x2: String(now), y1: "34", y2: "78" }),
    s("circle", { class: "now", cx: String(now), cy: "34", r: "4.5" }),
    s(
      "text",
      { class: "now", x: String(clamp(now, 0, width)), y: "20", "text-anchor": anchor(now, width) },
      `now: ${WORDS[line.phase]}`,
    ),
  );
  return h("div", {}, h("p", { class: "span" }, line.says), picture, legend());
}

function bar(name: string, from: number, to: number): SVGElement {
  return s("rect", {
    class: name,
    x: String(from),
    y: String(BAR.top),
    width: String(Math.max(0, to - from)),
    height: String(BAR.height),
  });
}

/** Two strokes that show where the line is not to scale. */
function gap(at: number): SVGElement {
  const stroke = (by: number): string => `M${at + by - 3} ${BAR.top + BAR.height + 5}l6 -24`;
  return s("path", { class: "gap", d: `${stroke(-3)}${stroke(3)}` });
}

function tick({ name, time }: Moment, at: number, width: number): SVGElement {
  const place = { x: String(at), "text-anchor": anchor(at, width) };
  const [date = "", clock = ""] = time.split(" ");
  return s(
    "g",
    {},
    s("line", { class: "tick", x1: String(at), x2: String(at), y1: "50", y2: "76" }),
    s("text", { ...place, class: "name", y: "94" }, name),
    s("text", { ...place, y: "110" }, date),
    s("text", { ...place, y: "125" }, `${clock} UTC`),
  );
}

function anchor(at: number, width: number): string {
  return at < width * 0.3 ? "start" : at > width * 0.7 ? "end" : "middle";
}

const clamp = (value: number, least: number, most: number): number =>
  Math.min(most, Math.max(least, value));

function legend(): Node {
  return h(
    "p",
    { class: "legend dim", "aria-hidden": "true" },
    h("span", { class: "life" }),
    "valid ",
    h("span", { class: "grace" }),
    "within the tolerance",
  );
}

function describe({ moments, says, phase, broken }: Timeline): string {
  const marks = moments.map(({ name, time }) => `${name} ${time}`).join(", ");
  const scale = broken ? " Not to scale." : "";
  return `Time line: ${marks}. Now: ${WORDS[phase]}. ${says}${scale}`;
}
