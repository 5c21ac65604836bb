// Sends every kind of request to an application on the real framework: `npm run roads`, or
// `npm run roads -- express h3` for some pages. Each kind is a row of the table at the start of a
// framework's page. A page without a table, a row without a test and a test without a row are
// failures.
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { installPostern } from "../lib/install.js";
import { createReport } from "../lib/report.js";
import { readRoads } from "./table.js";

const PAGES = new URL("../../../docs/guide/frameworks/", import.meta.url);
const HERE = new URL("./", import.meta.url);

await installPostern();
const { startIssuer } = await import("../lib/issuer.js");
const { withToken } = await import("../lib/http.js");

const wanted = process.argv.slice(2);
const report = createReport();
const pages = readdirSync(PAGES)
  .filter((file) => file.endsWith(".md") && file !== "README.md")
  .map((file) => file.slice(0, -".md".length))
  .filter((page) => wanted.length === 0 || wanted.includes(page));

// Two at once: one builds while the other waits for its answers.
await Promise.all([work(), work()]);
report.end();

async function work() {
  for (let page = pages.shift(); page !== undefined; page = pages.shift()) {
    const current = page;
    const rows = readRoads(readFileSync(new URL(`${current}.md`, PAGES), "utf8"));
    await report.row(current, checksOf(rows), () => prepare(current));
  }
}

/**
 * A page's module has `open(issuer)`, which starts its applications and resolves to the tests of
 * its rows.
 */
async function prepare(page) {
  const { open } = await import(new URL(`${page}.js`, HERE).href);
  const issuer = await startIssuer();
  issuer.up();
  let opened;
  try {
    opened = await open(issuer);
  } catch (error) {
    await issuer.close();
    throw error;
  }
  const close = async () => {
    await opened.close();
    await issuer.close();
  };
  return { roads: opened.roads, issuer, close };
}

function checksOf(rows) {
  const known = new Set(rows.map(({ road }) => road));
  return [
    [
      "begins with a table of routes, and no other route is tested",
      ({ roads }) => {
        assert.ok(rows.length > 0, "the page has no table of routes");
        assert.deepEqual(
          Object.keys(roads).filter((road) => !known.has(road)),
          [],
        );
      },
    ],
    ...rows.flatMap(checksOfRoad),
  ];
}

function checksOfRoad({ road, status }) {
  const walk = ({ roads }) => {
    assert.ok(Object.hasOwn(roads, road), "no test for this row");
    return roads[road];
  };
  const reaches = async (context, headers, expected) =>
    assert.equal(await walk(context).reach(headers), expected);
  if (status === "open") {
    return [[`${road}: open without a token`, (context) => reaches(context, {}, true)]];
  }
  return [
    [`${road}: shut without a token`, (context) => reaches(context, {}, false)],
    [
      `${road}: shut to a forged token`,
      async (context) => {
        const [header, payload] = (await context.issuer.userToken()).split(".");
        const forged = `${header}.${payload}.${"A".repeat(342)}`;
        await reaches(context, withToken(forged), false);
      },
    ],
    [
      `${road}: open to a genuine token`,
      async (context) => reaches(context, withToken(await context.issuer.userToken()), true),
    ],
    [
      `${road}: open without the line that guards it`,
      async (context) => {
        // When a row names a line, that line must be the one that refuses.
        const { unguarded } = walk(context);
        if (status === "guarded by") assert.ok(unguarded, "no test without the line");
        if (unguarded !== undefined) assert.equal(await unguarded({}), true);
      },
    ],
  ];
}
