import { existsSync, statSync } from "node:fs";
import { posix } from "node:path";
import { expect, test } from "vitest";
import { headingsOf, linksOf, readPages } from "./markdown.ts";

const pages = new Map(readPages().map((page) => [page.path, page]));

/** What is wrong with a link, if anything. */
function offence(from: string, link: string): string | undefined {
  const [path = "", anchor] = link.split("#");
  const target = path === "" ? from : posix.join(posix.dirname(from), path);
  if (!existsSync(target)) return `no file ${target}`;
  const isFolder = statSync(target).isDirectory();
  if (anchor === undefined) return undefined;
  const page = pages.get(isFolder ? posix.join(target, "README.md") : target);
  if (page === undefined) return `${target} is no page, and has no anchors`;
  const anchors = headingsOf(page).map((heading) => heading.anchor);
  return anchors.includes(anchor) ? undefined : `no heading #${anchor} in ${target}`;
}

const inside = [...pages.values()].flatMap((page) =>
  linksOf(page)
    .filter((link) => !/^[a-z]+:/.test(link))
    .map((link) => [page.path, link] as const),
);

test.each(inside)("%s leads to an existing target: %s", (from, link) => {
  expect(offence(from, link)).toBeUndefined();
});

test("links to other places are encrypted", () => {
  const outside = [...pages.values()].flatMap(linksOf).filter((link) => /^[a-z]+:/.test(link));
  expect(outside.filter((link) => !link.startsWith("https://"))).toEqual([]);
});

test.each([
  ["README.md", "docs/nowhere.md", "no file docs/nowhere.md"],
  ["docs/errors.md", "#nothing", "no heading #nothing in docs/errors.md"],
  ["README.md", "LICENSE#part", "LICENSE is no page, and has no anchors"],
])("a broken link is found: from %s to %s", (from, link, wrong) => {
  expect(offence(from, link)).toBe(wrong);
});
