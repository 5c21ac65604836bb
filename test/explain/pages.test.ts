import { readFile } from "node:fs/promises";
import { expect, test } from "vitest";
import { commandPage, errorPage } from "../../src/explain/pages.ts";

test("the pages are at the documentation address in package.json", async () => {
  const { homepage = "https://postern.example/" } = JSON.parse(
    await readFile("package.json", "utf8"),
  );
  for (const page of [errorPage("token_expired"), commandPage(), commandPage("knock")]) {
    expect(page.startsWith(homepage.replace(/\/?$/, "/"))).toBe(true);
  }
  const inspector = await readFile("docs/inspector/index.html", "utf8");
  expect(inspector).toContain(`href="${commandPage("guard")}"`);
  expect(errorPage("token_expired")).toMatch(/\/errors\.html#token_expired$/);
});
