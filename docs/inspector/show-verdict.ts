import type { Inspection, Verdict } from "../../src/explain/inspect.ts";
import { errorPage } from "../../src/explain/pages.ts";
import { visible } from "../../src/explain/visible.ts";
import { h } from "./dom.ts";
import { mark, type State } from "./marks.ts";

interface Words {
  readonly state: State;
  readonly label: string;
  /** Shown when there is no reason. */
  readonly headline: string;
  readonly says: string;
}

const WORDS: { readonly [verdict in Verdict]: Words } = {
  unreadable: { state: "wrong", label: "Unreadable", headline: "", says: "" },
  unproven: {
    state: "unknown",
    label: "Not verified",
    headline: "Anyone could have written this.",
    says: "To check its signature, give the team and fetch its keys, or paste the keys.",
  },
  undecided: { state: "unknown", label: "Undecided", headline: "", says: "" },
  refused: { state: "wrong", label: "Refused", headline: "A guard refuses it.", says: "" },
  genuine: {
    state: "ok",
    label: "Genuine",
    headline: "One of these keys signed it.",
    says: "To know whether a guard accepts it, give the expected team and AUD tag.",
  },
  accepted: {
    state: "ok",
    label: "Accepted",
    headline: "A guard accepts it.",
    says: "This team signed it for this application, and it is valid now.",
  },
};

export function verdictCard({ verdict, reason, code, status }: Inspection): Node[] {
  const { state, label, headline, says } = WORDS[verdict];
  const isOpen = verdict === "unproven" && reason !== undefined;
  return [
    h(
      "div",
      { class: `verdict ${state}` },
      h("p", { class: "label" }, mark(state), label, code !== undefined && codeLink(code)),
      h(
        "p",
        { class: "headline" },
        verdict === "unproven" ? headline : (reason?.headline ?? headline),
      ),
      h("p", {}, verdict === "unproven" || reason === undefined ? says : visible(reason.says)),
      isOpen &&
        h(
          "p",
          {},
          `A guard would refuse it in any case. ${reason.headline} ${visible(reason.says)}`,
        ),
      reason?.fix !== undefined &&
        h("p", { class: "fix" }, h("strong", {}, "What to do"), reason.fix),
      status !== undefined && h("p", { class: "dim" }, `A guard answers ${status}.`),
    ),
  ];
}

/** The error code, as a link to its entry on the page of errors. */
function codeLink(code: string): Node {
  const link = { href: errorPage(code), target: "_blank", rel: "noreferrer" };
  return h("a", link, h("code", {}, code));
}

export function emptyCard(): Node[] {
  return [
    h(
      "div",
      { class: "verdict empty" },
      h("p", { class: "headline" }, "Paste a token to see its contents."),
      h(
        "p",
        {},
        "You will see its claims, its time line, and every check that a guard makes, with a hint if one fails.",
      ),
    ),
  ];
}

export const FAULT = "This token was not checked, because the inspector itself has a fault.";

export function faultCard(): Node[] {
  const advice = "Check the token with the command postern verify, and report the fault.";
  return [
    h(
      "div",
      { class: "verdict unknown" },
      h("p", { class: "headline" }, FAULT),
      h("p", {}, advice),
    ),
  ];
}

/** The result in one sentence. */
export function summaryOf({ verdict, reason }: Inspection): string {
  const { label, headline } = WORDS[verdict];
  return `${label}. ${reason?.headline ?? headline}`;
}
