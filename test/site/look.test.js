// The site in Chromium as users see it: on a phone and on a desktop, in light and dark mode.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { after, test } from "node:test";
import { chromium } from "playwright-core";
import { serve } from "./serve.js";
import { pages } from "./site.js";

const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const site = await serve();
const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
  args: ["--no-sandbox"],
});
after(() => Promise.all([browser.close(), site.close()]));

const PHONE = { viewport: { width: 375, height: 812 }, colorScheme: "light" };
const DESK = { viewport: { width: 1280, height: 800 }, colorScheme: "light" };
const NIGHT = { ...DESK, colorScheme: "dark" };

const all = [...pages.keys()];
/** The guide, and one page of each kind from the reference. */
const seen = [
  ...all.filter((address) => !address.startsWith("api/")),
  "api/index.html",
  "api/postern/index.html",
  "api/postern/classes/TokenError.html",
  "api/postern/functions/createVerifier.html",
  "api/postern/interfaces/RemoteKeySetOptions.html",
  "api/postern/type-aliases/PosternEvent.html",
  "api/postern/react-router/variables/accessContext.html",
];

/** Opens a page for a while. */
async function visit(address, looks, body) {
  const context = await browser.newContext({ ...looks, reducedMotion: "reduce" });
  try {
    const page = await context.newPage();
    await page.goto(`${site.origin}/${address}`);
    await isReady(page, address);
    return await body(page);
  } finally {
    await context.close();
  }
}

async function violations(page, options = {}) {
  await page.evaluate(axe);
  const { violations, passes } = await page.evaluate((given) => globalThis.axe.run(given), {
    resultTypes: ["violations"],
    ...options,
  });
  assert.ok(passes.length > 0);
  return violations.map(({ id, nodes }) => [id, ...nodes.slice(0, 3).map(({ html }) => html)]);
}

/** The findings on each page, by its address. */
async function lookAt(addresses, looks, look) {
  const context = await browser.newContext({ ...looks, reducedMotion: "reduce" });
  const found = {};
  const todo = [...addresses];
  const worker = async () => {
    const page = await context.newPage();
    for (let address = todo.pop(); address !== undefined; address = todo.pop()) {
      await page.goto(`${site.origin}/${address}`);
      const wrong = await look(page, address);
      if (wrong.length > 0) found[address] = wrong;
    }
  };
  await Promise.all([worker(), worker()]);
  await context.close();
  return found;
}

/** The contents of a page, its outline too, are drawn once the scripts have run. */
async function isReady(page, address) {
  if (address === "inspector.html") return;
  await page.waitForFunction(() => document.querySelector("#app")?.__vue_app__ !== undefined);
}

/** One page of each kind, for tests that do not depend on a page's contents. */
const kinds = [
  "index.html",
  "404.html",
  "security.html",
  "comparison.html",
  "errors.html",
  "guide/getting-started.html",
  "guide/guard.html",
  "guide/frameworks/next.html",
  "api/index.html",
  "api/postern/classes/TokenError.html",
  "api/postern/interfaces/RemoteKeySetOptions.html",
].filter((address) => all.includes(address));

/** Code in tables that is broken within a word. */
function brokenWords(page) {
  return page.evaluate(() => {
    const words = document.querySelectorAll("td code:not(.long), td code.long span, th code");
    return [...words]
      .filter((word) => new Set([...word.getClientRects()].map(({ top }) => top)).size > 1)
      .map(({ textContent }) => textContent);
  });
}

const widthOf = (page) => page.evaluate(() => document.documentElement.scrollWidth);

/** The elements that make a page wider than the screen. */
const tooWide = async (page, width) => {
  const found = await widthOf(page);
  return found > width ? [`${found} px wide`] : [];
};

test("on a phone axe finds nothing, no page is too wide, and no code in a table breaks inside a word", async () => {
  const look = async (page, address) => {
    await isReady(page, address);
    return [
      ...(await violations(page)),
      ...(await tooWide(page, PHONE.viewport.width)),
      ...(await brokenWords(page)),
    ];
  };
  assert.deepEqual(await lookAt(seen, PHONE, look), {});
});

test("on a desktop axe finds nothing on a page of each kind", async () => {
  const look = async (page, address) => {
    await isReady(page, address);
    return violations(page);
  };
  assert.ok(kinds.length > 8);
  assert.deepEqual(await lookAt(kinds, DESK, look), {});
});

test("the contrast is enough in dark mode, also in code and its comments", async () => {
  const look = async (page, address) => {
    await isReady(page, address);
    return violations(page, { runOnly: ["color-contrast"] });
  };
  assert.deepEqual(await lookAt(kinds, NIGHT, look), {});
});

test("no page is wider than a tablet", async () => {
  const looks = { ...PHONE, viewport: { width: 768, height: 812 } };
  assert.deepEqual(await lookAt(kinds, looks, (page) => tooWide(page, 768)), {});
});

test("a wide table scrolls with the keyboard", async () => {
  await visit("comparison.html", PHONE, async (page) => {
    const table = page.locator(".table").first();
    assert.match(await table.getAttribute("aria-label"), /^Table: \w+/);
    await table.focus();
    await page.keyboard.press("ArrowRight");
    await page.waitForFunction(() => document.activeElement.scrollLeft > 0);
  });
});

test("a link into a page shows its heading below the header", async () => {
  for (const looks of [PHONE, DESK]) {
    await visit("errors.html#audience_mismatch", looks, async (page) => {
      await page.waitForTimeout(500);
      const isCovered = await page.evaluate(() => {
        const heading = document.querySelector("#audience_mismatch");
        const { left, top, height } = heading.getBoundingClientRect();
        return !heading.contains(document.elementFromPoint(left + 5, top + height / 2));
      });
      assert.equal(isCovered, false);
    });
  }
});

test("the search finds a section, in the guide and in the reference", async () => {
  await visit("index.html", DESK, async (page) => {
    await page.locator("#local-search button").click();
    const field = page.locator(".VPLocalSearchBox input");
    for (const [words, address] of [
      ["audience mismatch", "/errors.html#audience_mismatch"],
      ["createVerifier", "/api/postern/functions/createVerifier.html"],
    ]) {
      await field.fill(words);
      await page.locator(`.VPLocalSearchBox a[href^="${address}"]`).first().waitFor();
    }
    // The roles in this box are VitePress's own; its colours are ours.
    assert.deepEqual(await violations(page, { runOnly: ["color-contrast"] }), []);
  });
});

test("the switch changes colours and pictures, and its choice is kept", async () => {
  await visit("guide/getting-started.html", DESK, async (page) => {
    const isDark = () => page.evaluate(() => document.documentElement.classList.contains("dark"));
    assert.equal(await isDark(), false);
    await page.locator(".VPNavBarAppearance button").click();
    assert.equal(await isDark(), true);
    await page.goto(`${site.origin}/readme.html`);
    assert.equal(await isDark(), true);
    const hidden = await page.evaluate(() =>
      [...document.querySelectorAll(".in-light")].every(
        (picture) => getComputedStyle(picture).display === "none",
      ),
    );
    assert.ok(hidden);
  });
});

test("a block of code is copied with a button", async () => {
  const looks = { ...DESK, permissions: ["clipboard-read", "clipboard-write"] };
  await visit("guide/getting-started.html", looks, async (page) => {
    const block = page.locator("div.language-sh").first();
    await block.hover();
    await block.locator("button.copy").click();
    const copied = await page.evaluate(() => navigator.clipboard.readText());
    assert.equal(copied.trim(), (await block.locator("code").textContent()).trim());
  });
});

test("an unknown address gets a page that says so", async () => {
  const response = await fetch(`${site.origin}/guide/nowhere.html`);
  assert.equal(response.status, 404);
  await visit("guide/nowhere.html", PHONE, async (page) => {
    await page.getByRole("heading", { name: "There is no such page" }).waitFor();
    assert.deepEqual(await violations(page), []);
  });
});

test("the navigation leads to the inspector, which leads back", async () => {
  await visit("errors.html", DESK, async (page) => {
    await page.locator(".VPNavBar").getByText("Inspector").click();
    await page.getByLabel("Token", { exact: true }).waitFor();
    await page.getByRole("link", { name: "documentation" }).click();
    await page.getByRole("link", { name: "Get started" }).waitFor();
  });
});

test("a fault is found", async () => {
  await visit("404.html", PHONE, async (page) => {
    await page.setContent(
      '<div style="width:600px"><img src="x.png"></div><table><td style="width:5px"><code>a-b a-b</code></table>',
    );
    assert.ok((await widthOf(page)) > 375);
    assert.ok((await violations(page)).some(([id]) => id === "image-alt"));
    assert.deepEqual(await brokenWords(page), ["a-b a-b"]);
  });
});
