import puppeteer from "puppeteer-core";

/** Firefox, by Puppeteer and WebDriver BiDi. */
export async function start({ dark }) {
  const browser = await puppeteer.launch({
    browser: "firefox",
    executablePath: process.env.FIREFOX ?? "/usr/bin/firefox-esr",
    headless: true,
    extraPrefsFirefox: {
      "layout.css.prefers-color-scheme.content-override": dark ? 0 : 1,
      // A proxy that does not exist keeps it from reaching any other machine.
      "network.proxy.type": 1,
      "network.proxy.ssl": "127.0.0.1",
      "network.proxy.ssl_port": 9,
    },
  });
  const page = await browser.newPage();
  return {
    open: (url) => page.goto(url),
    evaluate: (script) => page.evaluate(script),
    press: (key) => page.keyboard.press(key),
    resize: (width) => page.setViewport({ width, height: 900 }),
    stop: () => browser.close(),
  };
}
