import type { JsonObject } from "../../src/encoding/json.ts";
import type { Check, CheckName } from "../../src/explain/checks.ts";
import type { Member } from "../../src/explain/members.ts";
import { visibleJson } from "../../src/explain/visible.ts";
import { copyable } from "./copy.ts";
import { h } from "./dom.ts";
import { mark } from "./marks.ts";

/** The check for each member. */
const CHECKED: { readonly [member: string]: CheckName } = {
  __proto__: null as never,
  alg: "algorithm",
  typ: "header",
  kid: "key",
  iss: "issuer",
  aud: "audience",
  type: "type",
  exp: "expiry",
};

export function membersTable(members: readonly Member[], checks: readonly Check[]): Node {
  const wrong = new Set(checks.filter(({ state }) => state === "wrong").map(({ name }) => name));
  if (members.length === 0) return h("p", { class: "dim" }, "It is empty.");
  return h(
    "table",
    {},
    h(
      "thead",
      { class: "unseen" },
      h("tr", {}, h("th", { scope: "col" }, "Name"), h("th", { scope: "col" }, "Value")),
    ),
    h(
      "tbody",
      {},
      ...members.map((member) => row(member, wrong.has(CHECKED[member.name] as CheckName))),
    ),
  );
}

/** The object as JSON. It is written when the user opens it. */
export function rawJson(object: JsonObject): Node {
  const details = h("details", { class: "raw" }, h("summary", {}, "Raw JSON"));
  details.addEventListener(
    "toggle",
    () => details.append(...copyable(visibleJson(object), "Raw JSON", "Copy the JSON")),
    { once: true },
  );
  return details;
}

/** The time in this machine's time zone. */
function localTime(value: string): string | undefined {
  const date = new Date(Number(value) * 1000);
  if (Number.isNaN(date.getTime())) return undefined;
  return `here: ${date.toLocaleString(undefined, { dateStyle: "medium", timeStyle: "long" })}`;
}

function row({ name, value, meaning, time }: Member, isWrong: boolean): Node {
  return h(
    "tr",
    { class: isWrong ? "wrong" : undefined },
    h(
      "th",
      { scope: "row" },
      h("code", {}, h("bdi", {}, name)),
      meaning !== undefined && h("small", {}, meaning),
    ),
    h(
      "td",
      {},
      isWrong && mark("wrong"),
      h("code", {}, h("bdi", {}, value)),
      time !== undefined && h("small", {}, time),
      time !== undefined && h("small", { class: "local" }, localTime(value)),
    ),
  );
}
