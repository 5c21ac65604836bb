import { chromium } from "playwright-core";

/** Chromium, by Playwright. */
export async function start({ dark }) {
  const browser = await chromium.launch({
    executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
    args: ["--no-sandbox", "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"],
  });
  const page = await browser.newPage({ colorScheme: dark ? "dark" : "light" });
  return {
    open: (url) => page.goto(url),
    evaluate: (script) => page.evaluate(script),
    press: (key) => page.keyboard.press(key),
    resize: (width) => page.setViewportSize({ width, height: 900 }),
    stop: () => browser.close(),
  };
}
