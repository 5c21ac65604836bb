import type { Inspection } from "../../src/explain/inspect.ts";
import { describeMembers } from "../../src/explain/members.ts";
import { timeline } from "../../src/explain/timeline.ts";
import { byId } from "./dom.ts";
import { drawTimeline } from "./draw-timeline.ts";
import type { Question } from "./form.ts";
import { checksList } from "./show-checks.ts";
import { keyCard } from "./show-key.ts";
import { membersTable, rawJson } from "./show-members.ts";
import { principalCard } from "./show-principal.ts";
import { emptyCard, FAULT, faultCard, summaryOf, verdictCard } from "./show-verdict.ts";

/** The data of each place. It is drawn again only when the data changes, so that a selection stays. */
const drawn = new Map<string, string>();

export function showNothing(): void {
  clear("nothing", emptyCard, "");
}

/** Clears the page after an unexpected error, so that no earlier result stays on it. */
export function showFault(): void {
  clear("fault", faultCard, FAULT);
}

function clear(state: string, card: () => readonly Node[], text: string): void {
  put("verdict", state, card);
  announce(text);
  for (const place of ["time", "checks", "who", "claims", "header", "key"]) {
    byId(place, HTMLElement).hidden = true;
    drawn.delete(`${place}-body`);
  }
}

export function show(question: Question, inspection: Inspection): void {
  const { header, payload, expected } = question;
  const { checks, verdict, signer, keys } = inspection;
  const line = timeline(payload, expected);
  const width = byId("verdict", HTMLElement).clientWidth;
  const claims = describeMembers(payload, expected.now);
  const parameters = describeMembers(header, expected.now);
  const isRead = verdict !== "unreadable";

  put("verdict", { ...inspection, keys: undefined, line: line?.says }, () =>
    verdictCard(inspection),
  );
  announce(summaryOf(inspection));
  place("time", line && { ...line, now: line.now.at.toFixed(3), width }, () =>
    line === undefined ? [] : [drawTimeline(line, width)],
  );
  place("checks", { checks, expected: { ...expected, now: 0 }, verdict }, () => [
    checksList(checks, expected),
  ]);
  place("who", isRead && expected.tokenType && { payload: claims, verdict }, () =>
    principalCard(payload, inspection),
  );
  place("claims", isRead && claims, () => [membersTable(claims, checks), rawJson(payload)]);
  place("header", isRead && parameters, () => [membersTable(parameters, checks), rawJson(header)]);
  const hasKeys = keys !== undefined && "reports" in keys;
  place("key", hasKeys && { keys, signer }, () => (hasKeys ? keyCard(keys, signer) : []));
}

/** Shows a section, or hides it when there is no data. */
function place(id: string, data: unknown, draw: () => readonly Node[]): void {
  const isThere = data !== undefined && data !== false;
  byId(id, HTMLElement).hidden = !isThere;
  if (isThere) put(`${id}-body`, data, draw);
}

function put(id: string, data: unknown, draw: () => readonly Node[]): void {
  const state = JSON.stringify(data);
  if (drawn.get(id) === state) return;
  drawn.set(id, state);
  byId(id, HTMLElement).replaceChildren(...draw());
}

/** Announces one sentence to screen readers, but not the same one twice. */
function announce(text: string): void {
  const announcer = byId("announcer", HTMLElement);
  if (announcer.textContent !== text) announcer.textContent = text;
}
