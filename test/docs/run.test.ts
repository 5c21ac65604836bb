import { mkdtempSync, rmSync } from "node:fs";
import { Server } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { build, type Plugin } from "esbuild";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { createTestIssuer } from "../../src/testing/index.ts";
import { docstringBlocks, isExample, isForeign, nameOf, pageBlocks } from "./blocks.ts";
import { fileOf } from "./compile.ts";
import type { Block } from "./markdown.ts";
import { PATHS } from "./paths.ts";

const folder = mkdtempSync(join(tmpdir(), "postern-docs-"));
afterAll(() => rmSync(folder, { recursive: true }));

/** What no test of this kind can have, and why such a block is compiled only. */
const EXCUSES: readonly (readonly [needs: RegExp, why: string])[] = [
  [/"\.\/app\.js"/, "needs another sample of its page; test/adapters/ runs them together"],
  [/"postern\/local"/, "opens ports; test/local/ does"],
  [/"postern\/guard"/, "opens ports; test/guard-unit/ does"],
  [/"postern\/browser"/, "needs a page; test/browser/ has one"],
  [/"postern\/(?:h3|sveltekit)"/, "needs the framework; test/adapters/ has it"],
];

const written = [...pageBlocks(), ...docstringBlocks()].filter(
  // A value that is declared and not defined comes from the reader.
  (block) =>
    block.language === "ts" &&
    !isExample(block) &&
    !isForeign(block) &&
    !/^declare /m.test(block.code),
);
const excused = written.filter(({ code }) => EXCUSES.some(([needs]) => needs.test(code)));
const runnable = written.filter((block) => !excused.includes(block));

const bindings = "export const env = process.env; export const waitUntil = () => {};";

/** Blocks by their number, the library from its sources, and bindings as a Worker has them. */
function sources(blocks: readonly Block[]): Plugin {
  return {
    name: "blocks",
    setup(builder) {
      builder.onResolve({ filter: /^block:/ }, ({ path }) => ({ path, namespace: "block" }));
      builder.onLoad({ filter: /.*/, namespace: "block" }, ({ path }) => {
        const block = blocks[Number(path.slice("block:".length))];
        if (block === undefined) return undefined;
        return { contents: block.code, loader: "ts", resolveDir: dirname(fileOf(block)) };
      });
      builder.onResolve({ filter: /^postern(\/|$)/ }, ({ path }) => ({ path: PATHS[path] ?? "" }));
      builder.onResolve({ filter: /^cloudflare:/ }, ({ path }) => ({ path, namespace: "workers" }));
      builder.onLoad({ filter: /.*/, namespace: "workers" }, () => ({ contents: bindings }));
    },
  };
}

beforeAll(async () => {
  await build({
    entryPoints: runnable.map((_, index) => ({ in: `block:${index}`, out: String(index) })),
    outdir: folder,
    outExtension: { ".js": ".mjs" },
    bundle: true,
    splitting: true,
    format: "esm",
    platform: "node",
    target: "node20",
    packages: "external",
    plugins: [sources(runnable)],
  });
  // No block reaches the network: a fake network answers with keys, and no port is opened.
  const issuer = await createTestIssuer({ decoyKeys: true });
  vi.stubGlobal("fetch", () => issuer.fetch(`${issuer.issuer}/cdn-cgi/access/certs`));
  vi.spyOn(Server.prototype, "listen").mockReturnThis();
  for (const level of ["info", "log", "warn"] as const) {
    vi.spyOn(console, level).mockReturnValue();
  }
  vi.stubEnv("TEAM_DOMAIN", "acme");
  vi.stubEnv("POLICY_AUD", "a".repeat(64));
  vi.stubEnv("STORE_SECRET", "0123456789abcdef0123456789abcdef");
});

test.each(runnable.map((block, index) => [nameOf(block), index] as const))(
  "%s runs",
  async (_, index) => {
    await expect(import(join(folder, `${index}.mjs`))).resolves.toBeDefined();
  },
);

test("few blocks are excused from running, and every excuse is needed", () => {
  expect(excused.length).toBeLessThanOrEqual(15);
  for (const [needs] of EXCUSES) {
    expect(excused.some(({ code }) => needs.test(code))).toBe(true);
  }
});
