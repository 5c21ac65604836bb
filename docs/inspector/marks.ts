import { h, s } from "./dom.ts";

/** The state of a check. Shape and words show it, and colour only helps. */
export type State = "ok" | "wrong" | "unknown";

const SHAPES: { readonly [state in State]: string } = {
  ok: "M6.5 12.5l3.5 3.5 7.5-8",
  wrong: "M8 8l8 8M16 8l-8 8",
  unknown: "M12 12h.01",
};

const WORDS: { readonly [state in State]: string } = {
  ok: "passed",
  wrong: "failed",
  unknown: "not checked",
};

export function mark(state: State): HTMLElement {
  const picture = s(
    "svg",
    { viewBox: "0 0 24 24", "aria-hidden": "true", class: `mark ${state}` },
    s("circle", { cx: "12", cy: "12", r: "11" }),
    s("path", { d: SHAPES[state] }),
  );
  return h("span", {}, picture, h("span", { class: "unseen" }, `${WORDS[state]}: `));
}
