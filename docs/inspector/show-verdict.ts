import type { Inspection, Verdict } from "../../src/explain/inspect.ts";
import { errorPage } from "../../src/explain/pages.ts";
import { visible } from "../../src/explain/visible.ts";
import { h } from "./dom.ts";
import { mark, type State } from "./marks.ts";

interface Words {
  readonly state: State;
  readonly label: string;
  /** Where there is no reason to give. */
  readonly headline: string;
  readonly says: string;
}

const WORDS: { readonly [verdict in Verdict]: Words } = {
  unreadable: { state: "wrong", label: "Unreadable", headline: "", says: "" },
  unproven: {
    state: "unknown",
    label: "Not verified",
    headline: "Anyone could have written this.",
    says: "Its signature is checked as soon as there are keys: name the team and fetch them, or paste them.",
  },
  undecided: { state: "unknown", label: "Undecided", headline: "", says: "" },
  refused: { state: "wrong", label: "Refused", headline: "A guard does not let it in.", says: "" },
  genuine: {
    state: "ok",
    label: "Genuine",
    headline: "One of these keys signed it.",
    says: "Whether a guard lets it in depends on the team and the AUD tag: say which they must be.",
  },
  accepted: {
    state: "ok",
    label: "Accepted",
    headline: "A guard lets it in.",
    says: "It is signed by this team, for this application, and valid now.",
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
        h("p", {}, `A guard would refuse it anyway. ${reason.headline} ${visible(reason.says)}`),
      reason?.fix !== undefined &&
        h("p", { class: "fix" }, h("strong", {}, "What would help"), reason.fix),
      status !== undefined && h("p", { class: "dim" }, `A guard answers with ${status}.`),
    ),
  ];
}

/** The code, which leads to its entry on the page of errors. */
function codeLink(code: string): Node {
  const link = { href: errorPage(code), target: "_blank", rel: "noreferrer" };
  return h("a", link, h("code", {}, code));
}

export function emptyCard(): Node[] {
  return [
    h(
      "div",
      { class: "verdict empty" },
      h("p", { class: "headline" }, "Paste a token to see inside."),
      h(
        "p",
        {},
        "You will see its claims, its time line, and every check that a guard makes, with what would help where one fails.",
      ),
    ),
  ];
}

/** The verdict in a sentence. */
export function summaryOf({ verdict, reason }: Inspection): string {
  const { label, headline } = WORDS[verdict];
  return `${label}. ${reason?.headline ?? headline}`;
}
