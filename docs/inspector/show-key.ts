import type { KeyReport } from "../../src/explain/key-report.ts";
import { visible } from "../../src/explain/visible.ts";
import { copyable } from "./copy.ts";
import { h } from "./dom.ts";

const MOST_KEYS = 20;

/** The key that signed the token, and one line for each other key of the set. */
export function keyCard(
  { from, reports }: { readonly from: string; readonly reports: readonly KeyReport[] },
  signer: KeyReport | undefined,
): Node[] {
  const others = reports.filter((report) => report !== signer);
  const shown = others.slice(0, MOST_KEYS);
  const left = others.length - shown.length;
  return [
    signer === undefined
      ? h("p", {}, "None of these keys signed it.")
      : h("div", {}, h("p", {}, "This key signed it."), facts(signer), ...pemOf(signer)),
    shown.length > 0 &&
      h(
        "p",
        { class: "dim others" },
        signer === undefined ? `Of ${visible(from)}:` : `Also in ${visible(from)}:`,
      ),
    shown.length > 0 && h("ul", { class: "keys" }, ...shown.map(line)),
    left > 0 && h("p", { class: "dim" }, `and ${left} more`),
  ].filter((node) => node instanceof Node);
}

function facts({ kid, thumbprint, bits }: KeyReport): Node {
  const rows: readonly (readonly [string, string])[] = [
    ["kid", kid ?? "none"],
    ["thumbprint", thumbprint ?? ""],
    ["size", `${bits} bits`],
  ];
  return h(
    "dl",
    {},
    ...rows.flatMap(([name, value]) => [
      h("dt", {}, name, name === "thumbprint" && h("small", {}, " RFC 7638, SHA-256")),
      h("dd", {}, h("code", {}, h("bdi", {}, visible(value)))),
    ]),
  );
}

function line({ kid, usable, reason, bits }: KeyReport): Node {
  const what = usable ? `${bits} bits` : `skipped: ${reason}`;
  return h(
    "li",
    {},
    h("code", {}, h("bdi", {}, visible(kid ?? "without kid"))),
    h("small", {}, what),
  );
}

function pemOf({ pem }: KeyReport): Node[] {
  return pem === undefined ? [] : copyable(pem, "The key in PEM", "Copy the PEM");
}
