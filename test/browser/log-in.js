// The browser helper in an installed web app: does its log-in reach the gate?
import assert from "node:assert/strict";
import { startInstalledApp } from "./installed-app.js";

/** One test: the app is installed, and then its session ends. */
async function installed(page, worker = "/worker.js") {
  const app = await startInstalledApp();
  await page.goto(`${app.url}/items`);
  await page.getByRole("link", { name: "Log in" }).click();
  await page.getByRole("heading", { name: "hello" }).waitFor();
  await page.evaluate(register, worker);
  app.seen.length = 0;
  await page.reload();
  await page.getByRole("heading", { name: "hello" }).waitFor();
  assert.ok(!app.seen.includes("/items"), "the worker answers the page");
  app.endSessions();
  assert.equal(await page.evaluate("ask()"), "SessionEndedError");
  return app;
}

/** In the page: resolves when the worker controls it. */
async function register(script) {
  const isControlled = new Promise((resolve) => {
    navigator.serviceWorker.addEventListener("controllerchange", resolve, { once: true });
  });
  await navigator.serviceWorker.register(script);
  await isControlled;
}

const registrations = (page) =>
  page.evaluate("navigator.serviceWorker.getRegistrations().then(({ length }) => length)");

/** The tests, each with a fresh page. */
export function logInTests(openedPage) {
  return [
    {
      title: "with a service worker that answers pages, a mere reload does not reach the log-in",
      async body() {
        const page = openedPage();
        const app = await installed(page);
        await page.reload();
        await page.getByRole("heading", { name: "SessionEndedError" }).waitFor();
        assert.ok(!app.seen.includes("/items"));
        app.close();
      },
    },
    {
      title: "logIn() reaches the log-in despite that worker, and returns to the page",
      async body() {
        const page = openedPage();
        const app = await installed(page);
        assert.equal(await page.evaluate("logIn()"), true);
        await page.waitForURL(`${app.teamUrl}/**`);
        await page.getByRole("link", { name: "Log in" }).click();
        await page.waitForURL(`${app.url}/items`);
        await page.getByRole("heading", { name: "hello" }).waitFor();
        assert.equal(await registrations(page), 0);
        // The worker's caches are still there, and the app may register it again.
        assert.deepEqual(await page.evaluate("caches.keys()"), ["shell"]);
        await page.evaluate(register, "/worker.js");
        await page.reload();
        await page.getByRole("heading", { name: "hello" }).waitFor();
        app.close();
      },
    },
    {
      title: "logIn() as the listener of a page leads to the log-in without a click",
      async body() {
        const page = openedPage();
        const app = await installed(page);
        await page.evaluate("window.logInAgain = logIn; Promise.all([ask(), ask(), ask()]); 0");
        await page.waitForURL(`${app.teamUrl}/**`);
        app.close();
      },
    },
    {
      title: "an app with its own reload keeps a worker that does not answer /cdn-cgi/",
      async body() {
        const page = openedPage();
        const app = await installed(page, "/worker.js?deny");
        const logIn = `${app.teamUrl}/log-in?back=/items`;
        await page.evaluate(`logIn({ reload: () => location.assign(${JSON.stringify(logIn)}) })`);
        await page.getByRole("link", { name: "Log in" }).click();
        await page.getByRole("heading", { name: "hello" }).waitFor();
        assert.equal(page.url(), `${app.url}/items`);
        assert.equal(await registrations(page), 1);
        app.close();
      },
    },
    {
      title: "a sandboxed page without storage and workers hears of the end of its session",
      async body() {
        const page = openedPage();
        const app = await startInstalledApp();
        await page.goto(`${app.url}/items`);
        await page.getByRole("link", { name: "Log in" }).click();
        await page.getByRole("heading", { name: "hello" }).waitFor();
        assert.deepEqual(await page.evaluate(inSandbox, `${app.url}/browser.js`), {
          storage: "SecurityError",
          error: "SessionEndedError",
          isLeaving: false,
        });
        app.close();
      },
    },
  ];
}

/** In the page: a frame without an origin runs the helper, and every request of it gets a 401. */
async function inSandbox(helper) {
  const source = await (await fetch(helper)).text();
  const frame = document.createElement("iframe");
  frame.sandbox = "allow-scripts";
  const told = new Promise((resolve) => {
    addEventListener("message", ({ data }) => resolve(data), { once: true });
  });
  frame.srcdoc = `<script type="module">
    const source = ${JSON.stringify(source).replaceAll("<", "\\u003c")};
    const url = URL.createObjectURL(new Blob([source], { type: "text/javascript" }));
    const { createAccessFetch, logIn } = await import(url);
    const facts = {};
    try { sessionStorage.length; } catch (error) { facts.storage = error.name; }
    const send = createAccessFetch({
      origins: ["https://api.example.com"],
      fetch: async () => new Response(null, { status: 401 }),
      onSessionEnd: () => { facts.isLeaving = logIn(); },
    });
    await send("https://api.example.com/").catch((error) => { facts.error = error.name; });
    parent.postMessage(facts, "*");
  </script>`;
  document.body.append(frame);
  return told;
}
