// The built page in three browsers, from the disk and over HTTP, in light and dark mode.
import { readFile } from "node:fs/promises";
import { pathToFileURL } from "node:url";
import { start as chromium } from "./engines/chromium.js";
import { start as firefox } from "./engines/firefox.js";
import { start as webkit } from "./engines/webkit.js";
import { personAt } from "./person.js";
import { run } from "./run.js";
import { startSite } from "./site.js";
import { accessibility } from "./tests/accessibility.js";
import { giving } from "./tests/giving.js";
import { hostile } from "./tests/hostile.js";
import { local, startEmulator } from "./tests/local.js";
import { network } from "./tests/network.js";
import { verdicts } from "./tests/verdicts.js";
import { makeTokens } from "./tokens.js";

const engines = Object.entries({ chromium, firefox, webkit });
const file = new URL("../../dist/inspector.html", import.meta.url);
const html = await readFile(file);
const tokens = await makeTokens();

const page = (response) => response.setHeader("content-type", "text/html").end(html);
const keys = (response) => response.setHeader("content-type", "application/json").end(tokens.keys);
const site = await startSite({ "/inspector": page, "/certs": keys });
const endpoint = await startSite({
  "/certs": (response) => keys(response.setHeader("access-control-allow-origin", "*")),
  "/closed": keys,
});

const emulator = await startEmulator();

const tests = [];
let running;

/** Adds tests that share one browser, which starts with the first and ends with the last. */
function add(name, start, dark, places) {
  const added = places.flatMap(({ where, url, suites }) =>
    suites.flatMap((suite) =>
      suite({ tokens, site, endpoint, url }).map(([title, body]) => ({
        title: `${name}, ${where}: ${title}`,
        async body() {
          running ??= await start({ dark });
          const person = personAt(running);
          await person.resize(1200);
          await person.open(url);
          site.asked();
          endpoint.asked();
          await body(person);
        },
      })),
    ),
  );
  const last = added.at(-1);
  const { body } = last;
  last.body = async () => {
    try {
      await body();
    } finally {
      await running?.stop();
      running = undefined;
    }
  };
  tests.push(...added);
}

const disk = { where: "from the disk", url: pathToFileURL(file.pathname).href };
const http = { where: "over HTTP", url: `${site.origin}/inspector` };
const chosen = process.argv.slice(2);
for (const [name, start] of engines) {
  if (chosen.length > 0 && !chosen.includes(name)) continue;
  add(name, start, false, [
    { ...disk, suites: [verdicts, network] },
    { ...http, suites: [verdicts, giving, network, hostile, accessibility("light")] },
    { where: "at Local Access", url: emulator.url, suites: [local(emulator)] },
  ]);
  add(`${name} at night`, start, true, [{ ...http, suites: [accessibility("dark")] }]);
}

try {
  await run(tests, async () => {});
} finally {
  await running?.stop();
  site.close();
  endpoint.close();
  await emulator.close();
}
