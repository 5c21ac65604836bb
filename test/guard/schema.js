// The schema of the configuration file and the reader of that file: whether they agree.
import assert from "node:assert/strict";
import { mkdtempSync, readdirSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import Ajv2020 from "ajv/dist/2020.js";
import { build } from "esbuild";
import { EXAMPLES } from "./machines.js";
import { check } from "./report.js";
import { AUD } from "./team.js";

const room = new URL("../../src/guard/", import.meta.url).pathname;
const schema = JSON.parse(readFileSync(join(room, "guard.schema.json"), "utf8"));
const validate = new Ajv2020({ allErrors: false, allowUnionTypes: true }).compile(schema);

// The reader is TypeScript, which this Node does not read.
const bundle = join(mkdtempSync(join(tmpdir(), "postern-schema-")), "options.mjs");
await build({
  entryPoints: [join(room, "options.ts")],
  outfile: bundle,
  bundle: true,
  platform: "node",
  format: "esm",
});
const { settle, NAMES, APP_NAMES } = await import(pathToFileURL(bundle));

/** What the command does with a file's content. */
function isRead({ $schema: _, ...options }) {
  try {
    settle(options);
    return true;
  } catch (error) {
    assert.ok(error instanceof TypeError || error instanceof RangeError, error.stack);
    return false;
  }
}

await check("the schema knows every option of the file, and no other", () => {
  const known = (of) => Object.keys(of.properties).sort();
  const given = NAMES.filter((name) => name !== "fetch" && name !== "writeLog");
  assert.deepEqual(known(schema), ["$schema", ...given].sort());
  assert.deepEqual(known(schema.$defs.app), [...APP_NAMES].sort());
});

await check("the schema says the defaults that the reader has", () => {
  const settled = settle({ team: "acme", audience: AUD });
  const said = Object.entries(schema.properties).filter(
    ([, { default: value }]) => value !== undefined,
  );
  assert.ok(said.length > 8);
  for (const [name, { default: value }] of said) {
    const { host, port } = Object(settled[name]);
    assert.equal(name === "listen" ? `${host}:${port}` : settled[name], value, name);
  }
});

await check("the example configurations are valid, and are read", () => {
  const files = readdirSync(join(EXAMPLES, "config"));
  assert.ok(files.length >= 2);
  for (const file of files) {
    const text = JSON.parse(readFileSync(join(EXAMPLES, "config", file), "utf8"));
    assert.ok(validate(text), `${file}: ${JSON.stringify(validate.errors)}`);
    assert.ok(isRead(text), file);
  }
});

const APP = {
  audience: [AUD],
  hosts: ["a.example"],
  target: "http://127.0.0.1:8000",
  headers: { "X-WEBAUTH-USER": "email" },
  allow: {
    emails: ["a@b.example"],
    domains: ["b.example"],
    services: ["c.access"],
    custom: { "custom.groups": ["x", 1, true] },
  },
  publicPaths: ["/health"],
  optional: false,
};
const REST = {
  team: "acme",
  listen: "127.0.0.1:0",
  admin: "unix:/run/postern/admin.sock",
  keysFile: "/var/lib/postern/keys.json",
  originalUriHeader: "X-Original-URI",
  stripToken: true,
  log: "text",
  workers: 2,
  headerTimeoutSeconds: 1.5,
  idleTimeoutSeconds: 60,
  targetTimeoutSeconds: 60,
  maxConnections: 100,
  drainTimeoutSeconds: 0,
};
const VALUES = [
  null,
  true,
  0,
  -1,
  1.5,
  1e9,
  "",
  " ",
  "\n",
  "a b",
  [],
  [""],
  [1],
  [null],
  [[]],
  {},
  { x: 1 },
  { "": [] },
];

/** Every value in a configuration, replaced by each of these in turn; and every name, left out or misspelt. */
function* mutants(value) {
  if (typeof value !== "object" || value === null) return;
  for (const key of Object.keys(value)) {
    const put = (other) =>
      Array.isArray(value)
        ? Object.assign([...value], { [key]: other })
        : { ...value, [key]: other };
    for (const other of VALUES) yield [key, other, put(other)];
    if (!Array.isArray(value)) {
      const { [key]: kept, ...others } = value;
      yield [key, "left out", others];
      yield [key, "misspelt", { ...others, [`${key}s`]: kept }];
    }
    for (const [path, other, inner] of mutants(value[key]))
      yield [`${key}.${path}`, other, put(inner)];
  }
}

await check("the schema and the reader give one verdict on every configuration", () => {
  let valid = 0;
  let invalid = 0;
  const differ = [];
  for (const whole of [
    { ...REST, ...APP },
    { ...REST, apps: { wiki: APP } },
  ]) {
    assert.ok(validate(whole), JSON.stringify(validate.errors));
    assert.ok(isRead(whole));
    for (const [path, value, mutant] of mutants(whole)) {
      const verdict = validate(mutant);
      if (verdict) valid++;
      else invalid++;
      if (verdict !== isRead(mutant))
        differ.push(`${path} = ${JSON.stringify(value)}: schema ${verdict}`);
    }
  }
  assert.deepEqual(differ, []);
  assert.ok(valid > 50 && invalid > 500, `${valid} valid, ${invalid} not`);
});
