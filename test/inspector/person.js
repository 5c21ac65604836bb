import assert from "node:assert/strict";
import { setTimeout as wait } from "node:timers/promises";

const PATIENCE_MS = 6_000;

/** What a user does with the page, in any browser. */
export function personAt({ open, evaluate, press, resize, narrowest = 0 }) {
  const run = (body, ...args) => evaluate(`(${body})(${args.map(literal).join(", ")})`);
  const person = {
    open,
    run,
    press,
    resize,
    narrowest,
    fill: (id, text) =>
      run(
        (id, text) => {
          const field = document.getElementById(id);
          field.value = text;
          field.dispatchEvent(new Event("input", { bubbles: true }));
        },
        id,
        text,
      ),
    click: (selector) => run((selector) => document.querySelector(selector).click(), selector),
    text: (selector) =>
      run((selector) => document.querySelector(selector)?.textContent.trim() ?? "", selector),
    /** The name of a check's state: `ok`, `wrong` or `unknown`. */
    check: (name) =>
      run(
        (name) =>
          [...document.querySelectorAll(".checks li")].find(
            (line) => line.querySelector(".name").textContent === name,
          )?.className,
        name,
      ),
    /** Waits until an element shows the text. */
    async sees(selector, expected) {
      const end = Date.now() + PATIENCE_MS;
      let text;
      do {
        text = await person.text(selector);
        if (expected.test(text)) return;
        await wait(50);
      } while (Date.now() < end);
      assert.match(text, expected);
    },
  };
  return person;
}

// JSON without the two line ends that older engines refuse in a script.
const literal = (value) =>
  JSON.stringify(value).replaceAll("\u2028", "\\u2028").replaceAll("\u2029", "\\u2029");
