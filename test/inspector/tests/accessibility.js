import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";

const axe = await readFile(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"];
/** WCAG 2.2, success criterion 1.4.10. */
const PHONE = 320;
const PATIENCE_MS = 60_000;

/** For every user: colours, keyboard, screen readers, phones. */
export const accessibility =
  (scheme) =>
  ({ tokens }) => {
    const clean = (where, width) => [
      `axe finds nothing ${where}, whatever the verdict`,
      async (person) => {
        await person.resize(width);
        assert.equal(await isDark(person), scheme === "dark");
        for (const token of ["", "a.b.c", tokens.genuine, tokens.expired]) {
          await person.fill("keys", tokens.keys);
          await person.fill("team", "acme");
          await person.fill("audience", tokens.audience);
          await person.fill("token", token);
          await person.sees(
            "#verdict",
            token === "" ? /^Paste/ : /^(passed|failed): (Unreadable|Accepted|Refused)/,
          );
          assert.deepEqual(await violations(person), []);
        }
      },
    ];
    return [
      clean("on a desktop", 1200),
      clean("on a phone", PHONE),
      [
        "on a phone nothing scrolls sideways",
        async (person) => {
          await person.resize(PHONE);
          await person.fill("team", "acme");
          await person.fill("keys", tokens.keys);
          await person.fill("token", tokens.genuine);
          await person.sees("#key", /This key signed it\./);
          const { inner, wide } = await person.run(() => ({
            inner: window.innerWidth,
            wide: document.documentElement.scrollWidth,
          }));
          assert.ok(inner <= Math.max(PHONE, person.narrowest), `${inner} pixels to see`);
          assert.ok(wide <= inner, `${wide} pixels wide`);
        },
      ],
      [
        "on a phone the verdict is right below the token, before any other field",
        async (person) => {
          await person.resize(PHONE);
          await person.fill("token", tokens.genuine);
          await person.sees("#verdict .label", /Not verified$/);
          const tops = await person.run(() =>
            ["#token", "#verdict", "#team", "#checks"].map(
              (place) => document.querySelector(place).getBoundingClientRect().top,
            ),
          );
          assert.deepEqual(
            tops,
            [...tops].sort((one, other) => one - other),
          );
        },
      ],
      [
        "the keyboard reaches the verdict first, the token next, and works the buttons",
        async (person) => {
          const focused = () =>
            person.run(() => document.activeElement.id || document.activeElement.className);
          await person.press("Tab");
          assert.equal(await focused(), "skip");
          await person.press("Tab");
          assert.equal(await focused(), "token");
          await person.press("Tab");
          assert.equal(await person.text(":focus"), "genuine");
          await person.press("Enter");
          await person.sees("#verdict .label", /^passed: Accepted$/);
          await person.sees("#announcer", /^Accepted\. /);
        },
      ],
    ];
  };

const isDark = (person) => person.run(() => matchMedia("(prefers-color-scheme: dark)").matches);

/**
 * The findings of axe. It works in the background, so that a driver which cannot wait can ask
 * again.
 */
async function violations(person) {
  await person.run(`() => { ${axe}; window.axe = axe; return true; }`);
  await person.run((tags) => {
    window.found = undefined;
    window.axe.run(document, { runOnly: tags }).then(
      ({ violations }) => {
        window.found = violations.map(({ id, nodes }) => `${id}: ${nodes[0].target}`);
      },
      (error) => {
        window.found = [String(error)];
      },
    );
    return true;
  }, TAGS);
  const end = Date.now() + PATIENCE_MS;
  for (;;) {
    const found = await person.run(() => window.found ?? null);
    if (found !== null) return found;
    if (Date.now() > end) throw new Error("axe did not end");
  }
}
