// The pages' samples compile against the frameworks' own types: JavaScript as an editor checks it,
// TypeScript with every strict option of a new project. When a page shows both, one is the other
// without its types.
import assert from "node:assert/strict";
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { transformSync } from "esbuild";
import ts from "typescript";
import { pageNames, readPage, samplesOf } from "./lib/shown.js";

const RUN = fileURLToPath(new URL(".run/samples/", import.meta.url));

const NODE = { types: ["node"], lib: ["es2023", "dom", "dom.iterable", "dom.asynciterable"] };
const WORKERS = { types: ["@cloudflare/workers-types"], lib: ["es2023"] };

/** The types that `wrangler types` makes of a Worker's variables. */
const VARIABLES =
  "interface Env { TEAM_DOMAIN: string; POLICY_AUD: string }\ndeclare namespace Cloudflare { interface Env { TEAM_DOMAIN: string; POLICY_AUD: string } }\n";

const SERVE = "{ hostname: string; port: number }";
const HANDLER = "(request: Request) => Promise<Response>";

/**
 * Samples that have types, by page: the samples, the types, and what the platform or a tool adds.
 */
const APART = {
  "fetch.md": [
    { only: /worker\.|context\.|handle\./, not: /service/, ...WORKERS, around: VARIABLES },
    {
      only: /bun\.|handle\./,
      around: `declare const Bun: { serve(options: ${SERVE} & { fetch: ${HANDLER} }): void };\n`,
    },
    {
      only: /deno\.|handle\./,
      around: `declare const Deno: { serve(options: ${SERVE}, handler: ${HANDLER}): void; env: { toObject(): Record<string, string> } };\n`,
    },
    { only: /service-worker\.|handle\./, types: [], lib: ["es2023", "webworker"] },
  ],
  "mcp.md": [
    { only: /./, not: /worker\./ },
    { only: /worker\.|tools\./, ...WORKERS, around: VARIABLES },
  ],
  "pages.md": [{ only: /./, ...WORKERS, around: VARIABLES }],
  "elysia.md": [
    {
      only: /./,
      around:
        "declare const Bun: { CryptoHasher: new (name: string) => { update(chunk: Uint8Array): void; digest(form: string): string } };\n",
    },
  ],
  "tanstack-start.md": [
    {
      only: /./,
      // As the Vite plugin makes it.
      generated: {
        "tanstack-start/src/routeTree.gen.ts": `import type { startInstance } from "./start";
declare module "@tanstack/react-start" {
  interface Register { ssr: true; config: Awaited<ReturnType<typeof startInstance.getOptions>> }
}
declare module "@tanstack/react-router" {
  interface FileRoutesByPath { "/": { id: "/"; path: "/"; fullPath: "/"; preLoaderRoute: unknown; parentRoute: unknown } }
}
`,
      },
    },
  ],
  "sveltekit.md": [
    {
      only: /./,
      // As `svelte-kit sync` makes it.
      generated: {
        "sveltekit/src/routes/$types.d.ts":
          'import type { ServerLoad } from "@sveltejs/kit";\nexport type PageServerLoad = ServerLoad;\n',
      },
    },
  ],
};

const SHARED = {
  target: ts.ScriptTarget.ES2023,
  module: ts.ModuleKind.Preserve,
  moduleResolution: ts.ModuleResolutionKind.Bundler,
  jsx: ts.JsxEmit.ReactJSX,
  experimentalDecorators: true,
  allowJs: true,
  checkJs: true,
  noEmit: true,
  skipLibCheck: true,
};
/**
 * What JavaScript cannot express to a compiler: what a guard adds to a request, and where a Service
 * Worker runs.
 */
const NEEDS_ANNOTATION =
  /^Property '(?:access|clients|payload|principal|req|request|respondWith|waitUntil)' does not exist on/;

const LANGUAGES = {
  // As an editor checks a file with `// @ts-check`.
  JavaScript: { strict: true, noImplicitAny: false },
  TypeScript: {
    strict: true,
    noUncheckedIndexedAccess: true,
    exactOptionalPropertyTypes: true,
    verbatimModuleSyntax: true,
    isolatedModules: true,
  },
};

/** Libraries and declarations are read once for all programs. */
const parsed = new Map();

function compile(files, language, { types, lib }) {
  const options = { ...SHARED, ...LANGUAGES[language], types };
  options.lib = lib.map((name) => `lib.${name}.d.ts`);
  const host = ts.createCompilerHost(options, true);
  const { getSourceFile } = host;
  host.getSourceFile = (name, target, ...rest) => {
    if (!name.includes("node_modules")) return getSourceFile(name, target, ...rest);
    const key = JSON.stringify([name, target]);
    if (!parsed.has(key)) parsed.set(key, getSourceFile(name, target, ...rest));
    return parsed.get(key);
  };
  const program = ts.createProgram({ rootNames: files, options, host });
  return ts
    .getPreEmitDiagnostics(program)
    .filter(
      ({ messageText }) => language !== "JavaScript" || !NEEDS_ANNOTATION.test(String(messageText)),
    )
    .map(({ file, start, messageText }) => {
      const at =
        file &&
        `${file.fileName.slice(RUN.length)}:${file.getLineAndCharacterOfPosition(start).line + 1}`;
      return `${at}: ${ts.flattenDiagnosticMessageText(messageText, " ")}`;
    });
}

/** The file of a sample in a program of one language, if it belongs there. */
function placeOf({ path, language, label }, chosen) {
  if (/\.(?:astro|json)$/.test(path)) return undefined;
  const place = path.replace("/typescript/", "/");
  const isJavaScript = /^jsx?$/.test(language);
  if (chosen === "JavaScript") return isJavaScript ? place : undefined;
  if (!isJavaScript) return place;
  // These stay JavaScript in every project.
  if (/\.[cm]js$/.test(path)) return undefined;
  return label === undefined ? place.replace(/\.js(x?)$/, ".ts$1") : undefined;
}

/** Writes a program's files and compiles them. */
function check(
  page,
  samples,
  language,
  { only, not, around, generated = {}, types, lib } = {},
  index,
) {
  const folder = `${RUN}${page}/${language}-${index}/`;
  const files = new Map();
  for (const sample of samples) {
    const place = placeOf(sample, language);
    if (place !== undefined && (only?.test(place) ?? true) && !not?.test(place)) {
      files.set(place, `${sample.code}\n`);
    }
  }
  if (files.size === 0) return [];
  rmSync(folder, { recursive: true, force: true });
  if (around !== undefined) files.set("around.d.ts", around);
  for (const [name, text] of Object.entries(generated)) files.set(name, text);
  for (const [name, text] of files) {
    mkdirSync(dirname(`${folder}${name}`), { recursive: true });
    writeFileSync(`${folder}${name}`, text);
  }
  const names = [...files.keys()].map((name) => resolve(folder, name));
  return compile(names, language, { types: types ?? NODE.types, lib: lib ?? NODE.lib });
}

/** A sample's code as a compiler prints it: without types, comments and white space. */
const bare = (code, loader) =>
  transformSync(code, {
    loader,
    jsx: "preserve",
    minifyWhitespace: true,
    tsconfigRaw: { compilerOptions: { verbatimModuleSyntax: true } },
  }).code;

export const SAMPLES = pageNames.flatMap((page) => {
  const samples = samplesOf(readPage(page));
  const programs = APART[page] ?? [{}];
  return [
    ...Object.keys(LANGUAGES).map((language) => [
      `the ${language} of ${page} compiles`,
      () => {
        const found = programs.flatMap((each, index) =>
          check(page, samples, language, each, index),
        );
        assert.deepEqual(found, []);
      },
    ]),
    [
      `${page} shows the same in both languages`,
      () => {
        samples.forEach(({ label, language, code }, index) => {
          if (label !== "TypeScript") return;
          const { label: other, language: js, code: untyped } = samples[index - 1];
          assert.equal(other, "JavaScript");
          assert.equal(bare(code, language), bare(untyped, js), samples[index].path);
        });
      },
    ],
  ];
});

const WRONG =
  'import { createVerifier } from "postern";\ncreateVerifier({ team: 1, audience: "a" });';

export const WRONG_SAMPLES = Object.keys(LANGUAGES).map((language) => [
  `a fault in the ${language} of a page is noticed`,
  () => {
    const sample = { path: "wrong/server.js", language: "js", code: WRONG };
    assert.match(check("wrong.md", [sample], language, {}, 0)[0] ?? "", /No overload|team|number/);
  },
]);
