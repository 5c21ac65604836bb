// The pictures of the page in the documentation, in light and dark mode: node picture.js
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { chromium } from "playwright-core";

const ROOT = join(import.meta.dirname, "..", "..");
const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
  args: ["--no-sandbox"],
});
try {
  for (const [name, colorScheme] of [
    ["inspector", "light"],
    ["inspector-dark", "dark"],
  ]) {
    const page = await browser.newPage({ viewport: { width: 1200, height: 1000 }, colorScheme });
    await page.goto(pathToFileURL(join(ROOT, "dist", "inspector.html")).href);
    await page.click("[data-example=audience]");
    await page.locator("#verdict .label").getByText("audience_mismatch").waitFor();
    await page.evaluate(() => document.activeElement.blur());
    await page.screenshot({ path: join(ROOT, "docs", "img", `${name}.png`) });
    await page.close();
  }
} finally {
  await browser.close();
}
