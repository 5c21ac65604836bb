// The site that `npm run docs` has built, followed link by link.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { files, isOutside, offence, outsideIn, pages, ROOT, reachable, read } from "./site.js";

const source = (file) => readFileSync(join(ROOT, file), "utf8");
const none = (wrong) => assert.deepEqual(wrong, []);

test("every page has a title, a language and one first heading", () => {
  assert.ok(pages.size > 100);
  none(
    [...pages]
      .filter(([, { title, headings, language }]) => title === "" || headings !== 1 || !language)
      .map(([address, { title, headings, language }]) => ({ address, title, headings, language })),
  );
});

test("every link of the guide and of the reference leads to what is there", () => {
  const links = [...pages].flatMap(([address, page]) => page.links.map((link) => [address, link]));
  assert.ok(links.length > 5000);
  none([...new Set(links.map(([from, link]) => offence(from, link)).filter(Boolean))]);
});

test("every page can be reached from the first", () => {
  const found = reachable("index.html");
  none([...pages.keys()].filter((address) => !found.has(address)));
});

test("every picture, script and style sheet is of the site itself", () => {
  for (const [address, page] of pages) {
    for (const need of page.needs) {
      assert.ok(!isOutside(need), `${address} asks for ${need}`);
      assert.ok(/^data:/.test(need) || files.has(page.at(need)), `${address} lacks ${need}`);
    }
  }
  const sheets = [...files].filter((file) => file.endsWith(".css"));
  none(sheets.flatMap((file) => outsideIn(source(join("site", file)))).filter(isOutside));
});

test("links to other places are encrypted", () => {
  const outside = [...pages.values()].flatMap(({ links }) => links).filter(isOutside);
  none(
    [...new Set(outside)].filter(
      (link) => !/^(?:https:|mailto:|http:\/\/127\.0\.0\.1:)/.test(link),
    ),
  );
});

test("every error code has a part of the errors' page", () => {
  const codes = [...source("src/errors.ts").matchAll(/^ {2}\| "([a-z0-9_]+)"/gm)].map(
    ([, code]) => code,
  );
  assert.ok(codes.length > 20);
  const { anchors } = pages.get("errors.html");
  none(codes.filter((code) => !anchors.has(code)));
});

test("every public name of the main entry has a page of the reference", () => {
  const exported = source("src/index.ts").replace(/\/\*.*?\*\//gs, "");
  const names = [...exported.matchAll(/(?<=[{,])\s*(?:type )?(\w+)/g)].map(([, name]) => name);
  assert.ok(names.length > 40);
  const documented = new Set([...files].map((file) => /([^/.]+)\.html$/.exec(file)?.[1]));
  none([...new Set(names)].filter((name) => !documented.has(name)));
});

test("the reference names what is thrown", () => {
  const page = source("site/api/functions/postern.createVerifier.html");
  assert.match(page, /<code>TypeError \| RangeError<\/code> at once/);
});

test("a broken link is found", () => {
  const [first] = pages.keys();
  assert.match(offence(first, "nowhere.html"), /which is not there$/);
  assert.match(offence("index.html", "errors.html#no_such_code"), /no such part$/);
  assert.match(offence("index.html", "style.css#part"), /which is no page$/);
  const page = read(
    "index.html",
    '<h1></h1><h1></h1><script src="https://elsewhere.example/x.js">',
  );
  assert.deepEqual([page.title, page.headings, page.language], ["", 2, undefined]);
  assert.ok(page.needs.some(isOutside));
});
