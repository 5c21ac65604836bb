import { type Principal, readPrincipal } from "../../src/access/principal.ts";
import type { JsonObject } from "../../src/encoding/json.ts";
import type { Inspection } from "../../src/explain/inspect.ts";
import { visible } from "../../src/explain/visible.ts";
import { own } from "../../src/own.ts";
import { h } from "./dom.ts";

/** Shows the principal of the token, and whether it is proven. */
export function principalCard(payload: JsonObject, { verdict }: Inspection): Node[] {
  const who = read(payload);
  if (who === undefined) {
    return [h("p", {}, "It names neither a user nor a service.")];
  }
  const isSure = verdict === "accepted";
  const facts: readonly (readonly [string, string])[] =
    who.kind === "user"
      ? [
          ["id", who.id],
          ["country", who.country ?? ""],
        ]
      : [];
  return [
    h(
      "p",
      { class: "who" },
      h("span", { class: "kind" }, who.kind),
      h("strong", {}, h("bdi", {}, visible(who.kind === "user" ? who.email : who.name))),
    ),
    h(
      "p",
      { class: "dim" },
      ...facts
        .filter(([, value]) => value !== "")
        .flatMap(([name, value]) => [`${name} `, h("code", {}, h("bdi", {}, visible(value))), " "]),
    ),
    h(
      "p",
      { class: "dim" },
      isSure
        ? "The id is unique only within this team."
        : "The token contains this, but it is not proven.",
    ),
  ];
}

function read(payload: JsonObject): Principal | undefined {
  try {
    const iss = own(payload, "iss");
    return readPrincipal(payload, typeof iss === "string" ? iss : "");
  } catch {
    return undefined;
  }
}
