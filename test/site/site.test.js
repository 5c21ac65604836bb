// The site that `npm run docs` has built, followed link by link.
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { placeOf } from "../../docs/site/place.js";
import { GROUPS } from "../../docs/site/sidebar.js";
import { files, isOutside, offence, outsideIn, pages, ROOT, reachable, read } from "./site.js";

const source = (file) => readFileSync(join(ROOT, file), "utf8");
const none = (wrong) => assert.deepEqual(wrong, []);
/** The last is shown for an address that does not exist, and the inspector is not made here. */
const written = [...pages].filter(([address]) => !["404.html", "inspector.html"].includes(address));

test("every page has a title, a language and one first heading", () => {
  assert.ok(pages.size > 250);
  none(
    [...pages]
      // The page for unknown addresses is drawn in the browser.
      .filter(([address]) => address !== "404.html")
      .filter(([, { title, headings, language }]) => title === "" || headings !== 1 || !language)
      .map(([address, { title, headings, language }]) => ({ address, title, headings, language })),
  );
});

test("every page says in a sentence of its own what it is about", () => {
  const bad = (description) =>
    description.length < 15 || /<!--|do not edit|`|\]\(/.test(description);
  none(
    written
      .concat([["inspector.html", pages.get("inspector.html")]])
      .filter(([, { description }]) => bad(description))
      .map(([address]) => address),
  );
  const guide = written.filter(([address]) => !address.startsWith("api/"));
  const descriptions = guide.map(([, { description }]) => description);
  none(descriptions.filter((description, at) => descriptions.indexOf(description) !== at));
  assert.ok(bad("<!-- Written by a program: do not edit. -->"));
});

test("no two pages have one title", () => {
  const titles = written.map(([, { title }]) => title);
  none(titles.filter((title, at) => titles.indexOf(title) !== at));
});

test("other sites can show a preview of every page", () => {
  const lacks = ({ preview, title, description }) =>
    preview[0] !== title || preview[1] !== description || !preview.every((value) => value !== "");
  none(written.filter(([, page]) => lacks(page)).map(([address]) => address));
  assert.ok(files.has("card.png"));
});

test("no comment, container or unread markup is shown as text", () => {
  const shown =
    /<!--|-->|do not edit|titleTemplate:|^ *:::|\[!(?:NOTE|TIP|WARNING|IMPORTANT|CAUTION)\]|<\/?picture/m;
  none(written.filter(([, { text }]) => shown.test(text)).map(([address]) => address));
  assert.match(read("x.html", "<main>&lt;!-- Written by --&gt;</main>").text, shown);
});

test("every link of the guide and of the reference leads to what is there", () => {
  const links = [...pages].flatMap(([address, page]) => page.links.map((link) => [address, link]));
  assert.ok(links.length > 5000);
  none([...new Set(links.map(([from, link]) => offence(from, link)).filter(Boolean))]);
});

test("every page can be reached from the first", () => {
  const found = reachable("index.html");
  none([...pages.keys()].filter((address) => address !== "404.html" && !found.has(address)));
});

test("every page of the documentation is in the sidebar, once", () => {
  const listed = GROUPS.flatMap(({ pages }) => pages.map(([, path]) => path));
  const below = readdirSync(join(ROOT, "docs"), { recursive: true })
    .map((path) => join("docs", path))
    .filter((path) => path.endsWith(".md") && !/^docs\/site\/|node_modules/.test(path));
  const root = ["README.md", "CHANGELOG.md", "CONTRIBUTING.md", "SECURITY.md"];
  assert.deepEqual(listed.sort(), [...root, ...below].sort());
  none(listed.filter((path) => !files.has(placeOf(path).replace(/md$/, "html"))));
});

test("every picture, script and style sheet is of the site itself", () => {
  for (const [address, page] of pages) {
    for (const need of page.needs) {
      assert.ok(!isOutside(need), `${address} asks for ${need}`);
      assert.ok(/^data:/.test(need) || files.has(page.at(need)), `${address} lacks ${need}`);
    }
  }
  const sheets = [...files].filter((file) => file.endsWith(".css"));
  assert.ok(sheets.length > 0);
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

test("tables have no empty header, and a name that no other on the page has", () => {
  none(written.filter(([, { emptyHeaders }]) => emptyHeaders > 0).map(([address]) => address));
  none(
    written
      .filter(
        ([, { tables }]) => new Set(tables).size !== tables.length || tables.includes("Table: "),
      )
      .map(([address, { tables }]) => [address, tables]),
  );
  assert.equal(read("x.html", "<table><tr><th> </th></tr></table>").emptyHeaders, 1);
});

test("every error code has a part of the errors' page", () => {
  const unions = source("src/token-error.ts") + source("src/key-set-error.ts");
  const codes = [...unions.matchAll(/^ {2}\| "([a-z0-9_]+)"/gm)].map(([, code]) => code);
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

test("every entry of the package is in the reference", () => {
  const entries = Object.keys(JSON.parse(source("package.json")).exports)
    .filter((name) => name !== "./package.json")
    .map((name) => join("api/postern", name, "index.html"));
  none(entries.filter((address) => !files.has(address)));
});

test("the reference names what is thrown", () => {
  const page = source("site/api/postern/functions/createVerifier.html");
  assert.match(page, /<code[^>]*>TypeError \| RangeError<\/code> at once/);
});

test("the sitemap has every page", () => {
  const listed = [...source("site/sitemap.xml").matchAll(/<loc>([^<]+)<\/loc>/g)].map(([, url]) =>
    pages.get("index.html").at(new URL(url).pathname),
  );
  assert.deepEqual(listed.sort(), written.map(([address]) => address).sort());
});

test("assistants find every page as Markdown, and a list of them", () => {
  none(
    written.map(([address]) => address.replace(/html$/, "md")).filter((file) => !files.has(file)),
  );
  const lines = source("site/llms.txt").match(/^- \[.+\]\(.+\): .+/gm);
  const listed = new Set(
    lines.map((line) => new URL(/\]\(([^)]+)/.exec(line)[1]).pathname.slice(1)),
  );
  none([...listed].filter((file) => !files.has(file)));
  none(
    GROUPS.flatMap(({ pages }) => pages.map(([, path]) => placeOf(path))).filter(
      (file) => !listed.has(file),
    ),
  );
  assert.match(source("site/llms.txt"), /^# postern\n\n> \S.+\n/);
  assert.match(source("site/llms-full.txt"), /^# Getting started$/m);
});

test("the samples of the first page are those of the README", () => {
  const blocks = (file) =>
    [...source(file).matchAll(/^```(\w+)[^\n]*\n([\s\S]*?)^```$/gm)].map(([, language, code]) => ({
      uses: `${language} ${/"postern\/[\w-]+"/.exec(code)}`,
      code,
    }));
  const shown = blocks("docs/site/index.md").filter(({ uses }) => /^[jt]s /.test(uses));
  assert.ok(shown.length >= 2);
  const readme = new Map(blocks("README.md").map(({ uses, code }) => [uses, code]));
  none(shown.filter(({ uses, code }) => (readme.get(uses) ?? code) !== code));
});

test("a broken link is found", () => {
  const [first] = pages.keys();
  assert.match(offence(first, "nowhere.html"), /which is not there$/);
  assert.match(offence("index.html", "errors.html#no_such_code"), /no such part$/);
  assert.match(offence("index.html", "/icon.svg#part"), /which is no page$/);
  const page = read(
    "index.html",
    '<h1></h1><h1></h1><script src="https://elsewhere.example/x.js">',
  );
  assert.deepEqual([page.title, page.headings, page.language], ["", 2, undefined]);
  assert.ok(page.needs.some(isOutside));
});
