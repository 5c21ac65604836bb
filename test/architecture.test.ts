import { readFileSync } from "node:fs";
import { posix } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { cycle, type Imports, offences, readSources, specifiers } from "./support/import-graph.ts";

const root = new URL("../", import.meta.url);
const sources = readSources(fileURLToPath(new URL("src", root)));
const imports: Imports = new Map(
  [...sources].map(([file, source]) => [file, specifiers(source)] as const),
);

describe("the house", () => {
  test("is all there", () => {
    for (const file of ["index.ts", "errors.ts", "verify/verifier.ts", "token/claims.ts"]) {
      expect([...imports.keys()]).toContain(file);
    }
    expect(imports.get("index.ts")?.length).toBeGreaterThan(5);
  });

  test("has stairs that lead down, and no door from one feature to another", () => {
    expect(offences(imports)).toEqual([]);
  });

  test("has no circle", () => {
    expect(cycle(imports)).toBeUndefined();
  });

  test("has no file of more than 300 lines, and none of more than 250 in the core", () => {
    const core = /^(?:encoding|http|token|keys|access|verify)\//;
    const most = (file: string): number => (core.test(file) ? 250 : 300);
    const long = [...sources].filter(
      ([file, source]) => source.trimEnd().split("\n").length > most(file),
    );
    expect(long.map(([file]) => file)).toEqual([]);
  });

  test("has no room for what nobody found a name for", () => {
    const vague = /(?:^|[/.-])(?:utils?|helpers?|misc)(?:[/.-]|$)/i;
    expect([...sources.keys()].filter((file) => vague.test(file))).toEqual([]);
  });

  test("lists its public surface by name, in a file without logic", () => {
    const lines = (sources.get("index.ts") as string).replace(/\/\*.*?\*\//gs, "");
    expect(lines.replace(/export (?:type )?\{[^}*]*\} from "[^"]+";/g, "").trim()).toBe("");
  });

  test("needs nothing at run time but a framework that its user has", () => {
    const manifest = JSON.parse(readFileSync(new URL("package.json", root), "utf8"));
    expect(manifest.dependencies ?? {}).toEqual({});
    expect(manifest.optionalDependencies ?? {}).toEqual({});
    const peers = Object.keys(manifest.peerDependencies ?? {});
    const optional = peers.filter((name) => manifest.peerDependenciesMeta?.[name]?.optional);
    expect(optional).toEqual(peers);
    const packages = [...imports].flatMap(([file, names]) =>
      file.startsWith("adapters/")
        ? names.filter((name) => !/^(?:\.|(?:type )?node:)/.test(name))
        : [],
    );
    for (const name of packages) {
      expect(peers).toContain(/^(?:@[^/]+\/)?[^/]+/.exec(name)?.[0]);
    }
  });
});

describe("the deciding path", () => {
  const page = readFileSync(new URL("docs/security-model.md", root), "utf8");
  const [, section = ""] = /^### The deciding path$([\s\S]*?)^### /m.exec(page) ?? [];
  const path = [...section.matchAll(/`src\/([^`]+)`/g)].map(([, file = ""]) => file);

  test("imports nothing from outside its list, types included", () => {
    expect(path.length).toBeGreaterThan(10);
    const outside = path.flatMap((file) =>
      (imports.get(file) ?? ["is not there"])
        .map((name) => posix.join(posix.dirname(file), name))
        .filter((name) => !path.includes(name))
        .map((name) => `${file} imports ${name}`),
    );
    expect(outside).toEqual([]);
  });

  test("is at most 1,200 lines with its comments", () => {
    const lines = path.map((file) => (sources.get(file) ?? "").trimEnd().split("\n").length);
    expect(lines.reduce((sum, count) => sum + count, 0)).toBeLessThanOrEqual(1200);
  });

  test("is the only place that can make an accepted result", () => {
    // Both types carry a mark that no value has: only a cast makes one of anything else.
    const casts = /\bas (?:unknown as )?(?:Verified|Verdict)(?![\w["])/;
    const files = [...sources].filter(([, source]) => casts.test(source)).map(([file]) => file);
    expect(files).toEqual(["verify/decision.ts"]);
  });
});

describe("the inspection of a house", () => {
  test("sees every way to name another module", () => {
    const source = `
      /// <reference path="./a.d.ts" />
      /// <reference types="b" />
      import c from "c";
      import "d";
      import type { E } from "e";
      import { type F } from "f";
      export { g } from "g";
      export type { H } from "h";
      export * from "i";
      import j = require("j");
      const k = await import("k");
      let l: import("l").L;
      let m: typeof import("m");
      const n = require("n");
      const o = import(\`o\`);
      const p = import(name);
      // import "comment";
      const text = 'import "text"';
    `;
    const names = ["./a.d.ts", "b", ..."cdefghijklmno", "?name"];
    expect(specifiers(source).sort()).toEqual(names.sort());
  });

  const house = (rooms: { [file: string]: string[] }): Imports => new Map(Object.entries(rooms));

  test.each([
    ["upward", "token/claims.ts", "../keys/jwk.ts"],
    ["upward", "errors.ts", "./encoding/json.ts"],
    ["upward", "verify/verifier.ts", "../index.ts"],
    ["upward", "local/server.ts", "../cli/main.ts"],
    ["sideways", "keys/jwk.ts", "../access/team.ts"],
    ["sideways", "encoding/json.ts", "../http/fetch.ts"],
    ["sideways", "stores/store.ts", "../verify/verifier.ts"],
    ["sideways", "checks/groups.ts", "../adapters/express.ts"],
    ["upward", "index.ts", "./local/server.ts"],
    ["upward", "proxy/fields.ts", "../local/server.ts"],
    ["sideways", "guard/server.ts", "../local/server.ts"],
    ["a room on no floor", "attic/box.ts", "../errors.ts"],
    ["a room on no floor", "verify/verifier.ts", "../attic/box.ts"],
    ["no file of src/", "verify/verifier.ts", "../../test/support/issuer.ts"],
    ["no file of src/", "verify/verifier.ts", "../token/claims"],
    ["outside src/", "verify/verifier.ts", "jose"],
    ["outside src/", "index.ts", "postern"],
    ["a module of Node", "verify/verifier.ts", "node:crypto"],
    ["a module of Node", "testing/index.ts", "crypto"],
    ["a module of Node", "adapters/express.ts", "node:http"],
    ["not a constant", "verify/verifier.ts", "?name"],
  ])("finds what is %s: %s imports %s", (why, file, specifier) => {
    const others = ["keys/jwk.ts", "access/team.ts", "encoding/json.ts", "http/fetch.ts"];
    others.push("verify/verifier.ts", "index.ts", "cli/main.ts", "adapters/express.ts");
    others.push(
      "guard/server.ts",
      "local/server.ts",
      "attic/box.ts",
      "errors.ts",
      "token/claims.ts",
    );
    const rooms = Object.fromEntries(others.map((other) => [other, [] as string[]]));
    const found = offences(house({ ...rooms, [file]: [specifier] }));
    expect(found).toEqual([`${file} imports ${specifier}: ${why}`]);
  });

  test("allows the stairs down, the own room, Node where Node is, a framework to its adapter", () => {
    const rooms = house({
      "errors.ts": [],
      "caller-mistakes.ts": ["./errors.ts"],
      "encoding/json.ts": ["../errors.ts"],
      "verify/verifier.ts": ["../encoding/json.ts", "./options.ts"],
      "verify/options.ts": ["../caller-mistakes.ts"],
      "adapters/node/express.ts": ["../../verify/verifier.ts", "express", "../rejection.ts"],
      "adapters/rejection.ts": ["../errors.ts"],
      "local/server.ts": ["node:http", "../verify/verifier.ts"],
      "index.ts": ["./verify/verifier.ts"],
      "cli/main.ts": ["../local/server.ts", "../index.ts", "node:process"],
    });
    expect(offences(rooms)).toEqual([]);
    expect(cycle(rooms)).toBeUndefined();
  });

  test("finds a circle, also within one room and through types", () => {
    const rooms = house({
      "errors.ts": [],
      "verify/a.ts": ["../errors.ts", "./b.ts"],
      "verify/b.ts": ["./c.ts"],
      "verify/c.ts": ["./b.ts"],
    });
    expect(cycle(rooms)).toEqual(["verify/b.ts", "verify/c.ts", "verify/b.ts"]);
    expect(cycle(house({ "errors.ts": ["./errors.ts"] }))).toEqual(["errors.ts", "errors.ts"]);
  });
});
