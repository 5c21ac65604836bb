import { inspect } from "../../src/explain/inspect.ts";
import { byId } from "./dom.ts";
import { offerExamples } from "./examples.ts";
import { dropFillWithToken, fillInSession } from "./fill-in.ts";
import { readQuestion, showNotes } from "./form.ts";
import { watchKeys } from "./keys-field.ts";
import { showPolicy } from "./privacy.ts";
import { show, showFault, showNothing } from "./show.ts";

/** How often the page checks again, because a token can expire while it is shown. */
const TICK_MS = 1000;

export function openPage(): void {
  let turn = 0;
  const keys = watchKeys(update);

  async function update(): Promise<void> {
    const mine = ++turn;
    // If the input changed in the meantime, a newer update shows it.
    const isNewest = (): boolean => mine === turn;
    try {
      await check(isNewest);
    } catch (error) {
      console.error(error);
      // What is shown may be about another token.
      if (isNewest()) showFault();
    }
  }

  async function check(isNewest: () => boolean): Promise<void> {
    const question = readQuestion();
    showNotes(question);
    keys.offer(question.certsUrl);
    if (question.token === "") return showNothing();
    const held = keys.heldFor(question.header);
    const inspection = await inspect(question.token, question.expected, held);
    if (isNewest()) show(question, inspection);
  }

  showPolicy();
  offerExamples();
  dropFillWithToken();
  byId("form", HTMLFormElement).addEventListener("input", update);
  byId("form", HTMLFormElement).addEventListener("submit", (event) => event.preventDefault());
  addEventListener("resize", update);
  setInterval(update, TICK_MS);
  fillInSession();
  update();
}
