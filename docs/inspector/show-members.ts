import type { Check, CheckName } from "../../src/explain/checks.ts";
import type { Member } from "../../src/explain/members.ts";
import { h } from "./dom.ts";
import { mark } from "./marks.ts";

/** Which check a member is for. */
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
    ),
  );
}
