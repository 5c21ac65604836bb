import { setTimeout as wait } from "node:timers/promises";
import { startGroup } from "../../runtime/process-group.js";
import { freePort } from "../../support/free-port.js";

const KEYS = { Tab: "\uE004", Enter: "\uE007", " ": " " };
const MINI_BROWSER = "/usr/lib/x86_64-linux-gnu/webkit2gtk-4.1/MiniBrowser";
const STARTS_WITHIN_MS = 20_000;

/** WebKitGTK, by its own driver (WebDriver, https://www.w3.org/TR/webdriver2/). */
export async function start({ dark }) {
  const port = await freePort();
  const driver = startGroup(["xvfb-run", "-a", "WebKitWebDriver", `--port=${port}`], {
    env: { ...process.env, GTK_THEME: dark ? "Adwaita:dark" : "Adwaita" },
  });
  const root = `http://127.0.0.1:${port}`;
  try {
    await untilReady(root);
    const { sessionId } = await command("POST", `${root}/session`, {
      capabilities: {
        alwaysMatch: {
          "webkitgtk:browserOptions": { binary: MINI_BROWSER, args: ["--automation"] },
        },
      },
    });
    return session(`${root}/session/${sessionId}`, driver);
  } catch (error) {
    await driver.stop();
    throw error;
  }
}

function session(at, driver) {
  const post = (path, body) => command("POST", `${at}/${path}`, body);
  return {
    open: (url) => post("url", { url }),
    evaluate: (script) => post("execute/sync", { script: `return (${script});`, args: [] }),
    press: (key) =>
      post("actions", {
        actions: [
          {
            type: "key",
            id: "keyboard",
            actions: [
              { type: "keyDown", value: KEYS[key] },
              { type: "keyUp", value: KEYS[key] },
            ],
          },
        ],
      }),
    // Its window cannot be narrower than its own tool bar.
    narrowest: 450,
    resize: (width) => post("window/rect", { width, height: 900 }),
    async stop() {
      await command("DELETE", at).catch(() => {});
      await driver.stop();
    },
  };
}

async function untilReady(root) {
  const end = Date.now() + STARTS_WITHIN_MS;
  for (;;) {
    const status = await command("GET", `${root}/status`).catch(() => undefined);
    if (status?.ready) return;
    if (Date.now() > end) throw new Error("WebKitWebDriver did not start");
    await wait(100);
  }
}

async function command(method, url, body) {
  const response = await fetch(url, {
    method,
    ...(body && { body: JSON.stringify(body) }),
    signal: AbortSignal.timeout(60_000),
  });
  const { value } = await response.json();
  if (!response.ok) throw new Error(`${value.error}: ${value.message}`);
  return value;
}
