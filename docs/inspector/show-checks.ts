import type { Check, CheckName, Expectations } from "../../src/explain/checks.ts";
import { visible } from "../../src/explain/visible.ts";
import { h } from "./dom.ts";
import { mark } from "./marks.ts";

/** What the user must give for a check that was not made. */
const MISSING: { readonly [name in CheckName]?: string } = {
  issuer: "give the expected team",
  audience: "give the expected AUD tag",
};

export function checksList(checks: readonly Check[], { issuer, audience }: Expectations): Node {
  const open: { readonly [name: string]: boolean } = {
    issuer: issuer === undefined,
    audience: audience === undefined,
  };
  return h(
    "ul",
    { class: "checks" },
    ...checks.map(({ name, state, says, fix }) => {
      const missing = state === "unknown" && open[name] === true ? MISSING[name] : undefined;
      return h(
        "li",
        { class: state },
        mark(state),
        h("span", { class: "name" }, name),
        h(
          "span",
          { class: "says" },
          h("bdi", {}, visible(says)),
          missing !== undefined && h("span", { class: "dim" }, ` — ${missing}`),
          state === "wrong" && fix !== undefined && h("span", { class: "help" }, fix),
        ),
      );
    }),
  );
}
