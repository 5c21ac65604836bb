// Pictures of every page of Local Access for a manual check: node screenshots.js FOLDER
import { once } from "node:events";
import { createServer } from "node:http";
import { join } from "node:path";
import { chromium } from "playwright-core";
import { startLocalAccess } from "../../dist/local.js";

const folder = process.argv[2] ?? ".";
const nobody = createServer().listen(0, "127.0.0.1");
await once(nobody, "listening");
const target = `http://127.0.0.1:${nobody.address().port}`;
const access = await startLocalAccess({ target, port: 0, team: "acme" });
const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
  args: ["--no-sandbox"],
});
try {
  for (const [size, width, height] of [
    ["small", 320, 640],
    ["phone", 390, 844],
    ["desktop", 1280, 800],
  ]) {
    for (const colorScheme of ["light", "dark"]) {
      const context = await browser.newContext({ viewport: { width, height }, colorScheme });
      const page = await context.newPage();
      const shoot = async (what) => {
        const path = join(folder, `${what}-${size}-${colorScheme}.png`);
        await page.screenshot({ path, fullPage: true });
        console.log(path);
      };
      await page.goto(access.url);
      await shoot("login");
      await page.locator("summary").click();
      await page.getByLabel("Custom claims").fill("{");
      await page.getByRole("button", { name: "ada@example.com" }).click();
      await shoot("problem");
      await page.goto(`${access.url}/cdn-cgi/access/logout`);
      await shoot("logout");
      await page.goto(access.controls.url);
      await shoot("locked");
      await page.getByLabel("Control secret").fill(access.controls.secret);
      await page.getByRole("button", { name: "Open the controls" }).click();
      await shoot("controls");
      await context.close();
    }
  }
} finally {
  await browser.close();
  await access.close();
  nobody.close();
}
