import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { fetchVectors } from "./fetch.js";
import { readVectors } from "./files.js";

// Small files in place of the real ones, which may not be installed.
const genuine = new Map(["a", "b", "c", "d"].map((name) => [`${name}.json`, `{"in":"${name}"}`]));
const names = [...genuine.keys()];
const sums = Object.fromEntries(
  [...genuine].map(([name, text]) => [name, createHash("sha256").update(text).digest("hex")]),
);
let parent = "";
let server;
let base = "";
/** How the server answers instead of sending the file, by the file's name. */
let faults = {};

before(async () => {
  parent = await mkdtemp(join(tmpdir(), "postern-vectors-"));
  server = createServer(({ url }, response) => {
    const name = url.split("/").at(-1);
    if (Object.hasOwn(faults, name)) faults[name](response);
    else if (url === "/repository/LICENSE") response.end("terms");
    else if (url === `/repository/testvectors_v1/${name}`) response.end(genuine.get(name));
    else response.writeHead(404).end();
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  base = `http://127.0.0.1:${server.address().port}/repository/`;
});
after(async () => {
  server?.closeAllConnections();
  server?.close();
  await rm(parent, { recursive: true, force: true });
});

const place = async () => join(await mkdtemp(join(parent, "run-")), "wycheproof");
const fetchInto = (folder) => fetchVectors(folder, { base, sums });
/** Reads the folder as a developer's run does, or as a gate. */
const readFrom = (folder, { gate = false, say = () => {} } = {}) => {
  const env = { POSTERN_VECTORS: join(folder, ".."), ...(gate && { CI: "true" }) };
  return readVectors({ env, sums, say });
};

test("the fetched files are read", async () => {
  faults = {};
  const folder = await place();
  assert.equal(await fetchInto(folder), names.length + 1);
  assert.deepEqual((await readdir(folder)).sort(), ["LICENSE", ...names].sort());
  const read = await readFrom(folder, { gate: true });
  assert.deepEqual(
    Object.entries(read),
    [...genuine].map(([name, text]) => [name, JSON.parse(text)]),
  );
});

for (const [what, fault] of Object.entries({
  "another file": (response) => response.end("{}"),
  "an error": (response) => response.writeHead(404).end(),
  "half a file": (response) => {
    response.writeHead(200, { "content-length": 100 }).write("half");
    setTimeout(() => response.destroy(), 10);
  },
  "another address": (response) =>
    response.writeHead(302, { location: "/repository/LICENSE" }).end(),
  "a file without an end": (response) => {
    const more = () => response.destroyed || response.write(Buffer.alloc(65_536), more);
    more();
  },
})) {
  test(`nothing is written when one answer is ${what}`, async () => {
    faults = { [names[3]]: fault };
    const folder = await place();
    await assert.rejects(fetchInto(folder));
    await assert.rejects(readdir(folder), { code: "ENOENT" });
  });
}

test("a developer's run without vectors prints in one line how to get them", async () => {
  const said = [];
  const say = (line) => said.push(line);
  assert.equal(await readFrom(await place(), { say }), undefined);
  assert.match(said.join("\n"), /^no a\.json in .+: "npm run vectors" fetches it$/);
});

test("a gate without vectors fails", async () => {
  await assert.rejects(readFrom(await place(), { gate: true }), /npm run vectors/);
});

test("a file that is not the commit's is refused, by a developer's run too", async () => {
  faults = {};
  const folder = await place();
  await fetchInto(folder);
  await writeFile(join(folder, names[1]), "{}");
  await assert.rejects(readFrom(folder), /is not the file of the commit/);
});
