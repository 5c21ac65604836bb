// The guide shows the examples that are tested, and nothing else.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { pageNames, readPage, samplesOf } from "./lib/shown.js";

const EXAMPLES = new URL("../../examples/", import.meta.url);

const overview = readPage("README.md");

/** The versions in the overview, and the package that shows each. */
const DRIVEN = {
  Express: "express",
  Connect: "connect",
  Polka: "polka",
  Hono: "hono",
  Fastify: "fastify",
  Koa: "koa",
  Nest: "@nestjs/core",
  "Next.js": "next",
  SvelteKit: "@sveltejs/kit",
  Astro: "astro",
  "React Router": "react-router",
  h3: "h3",
  Elysia: "elysia",
  ws: "ws",
};

const versionIn = (folder, name) => {
  const manifest = new URL(`${folder}/node_modules/${name}/package.json`, import.meta.url);
  return JSON.parse(readFileSync(manifest, "utf8")).version.split(".", 2).join(".");
};

const VERSIONS = [
  "README.md gives the tested versions",
  () => {
    for (const [title, name] of Object.entries(DRIVEN)) {
      const row = `| ${title} | ${versionIn("oldest", name)} | ${versionIn(".", name)} |`;
      assert.ok(overview.includes(`${row}\n`), `does not say ${row}`);
    }
  },
];

const SHOWS = pageNames.map((name) => [
  `${name} shows the tested code`,
  () => {
    const text = readPage(name);
    const shown = samplesOf(text);
    assert.equal(shown.length, text.split("\n```").length / 2 - 0.5, "shows code from elsewhere");
    assert.ok(shown.length > 0, "shows nothing");
    for (const { path, code } of shown) {
      assert.equal(code, readFileSync(new URL(path, EXAMPLES), "utf8").trimEnd(), path);
    }
    assert.ok(overview.includes(`(${name})`), "is not in the overview");
  },
]);

export const PAGES = [...SHOWS, VERSIONS];
