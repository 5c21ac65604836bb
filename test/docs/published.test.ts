import { readFileSync } from "node:fs";
import { relative } from "node:path";
import ts from "typescript";
import { expect, test } from "vitest";

/** Whether the registry's package of this name is this one. One place for all pages. */
const { published } = JSON.parse(readFileSync("docs/release.json", "utf8"));

const EXTENSIONS = [".md", ".ts", ".js", ".jsx", ".html", ".json", ".yml", ".astro", ".svelte"];
const FOLDERS = ["docs", "examples", "src", "scripts", "bench", ".github"];
const ROOT = ["README.md", "CHANGELOG.md", "CONTRIBUTING.md", "SECURITY.md", "package.json"];

/** All texts for readers: pages, examples, and what the command and the sources say. */
const files = [
  ...ROOT,
  ...FOLDERS.flatMap((folder) =>
    ts.sys.readDirectory(folder, EXTENSIONS, ["**/node_modules", "docs/api"], ["**/*"]),
  ).map((path) => relative(".", path)),
].filter((path) => !path.endsWith("package-lock.json"));

const NAME = String.raw`(?:npm:|@postern\/)?postern(?:@[\w.^~<>-]+)?(?![\w/.@-]*\w)`;
/**
 * What may stand between a verb and the name: options and other packages, to the end of the
 * command.
 */
const WORDS = String.raw`(?:[^\s|;&)\`]*[^\s|;&)\`.,:][ \t]+(?:\\\n[ \t]*)?)*?`;

const FROM_THE_REGISTRY: readonly RegExp[] = [
  new RegExp(
    String.raw`\b(?:npm|pnpm|yarn|bun|deno|jsr)[ \t]+(?:i|install|add)[ \t]+${WORDS}${NAME}`,
    "g",
  ),
  new RegExp(
    String.raw`\b(?:npx|pnpx|bunx|(?:npm|pnpm)[ \t]+(?:x|exec|dlx)|yarn[ \t]+dlx)[ \t]+${WORDS}${NAME}`,
    "g",
  ),
  // A placeholder version is for after a release.
  /\bnpm[ \t]+pack[ \t]+postern(?![\w@./-])/g,
  /(?:\bnpm:|\bjsr:@postern\/|(?:esm\.sh|unpkg\.com|jsdelivr\.net\/npm|esm\.run)\/)postern\b/g,
];

/** The commands and addresses in a text that fetch the package by its name. */
function fetches(text: string): string[] {
  return FROM_THE_REGISTRY.flatMap((pattern) => text.match(pattern) ?? []).filter(
    // It runs what is installed, and refuses to download.
    (found) => !/^(?:npx|npm[ \t]+exec)[ \t]+--no(?:-install)?[ \t]/.test(found),
  );
}

/**
 * A page may name the package before a release, if it says right there that the name is not ours
 * yet.
 */
const NOT_YET = /^> \[!IMPORTANT\]\n> There is no release yet\b/m;

/** The commands of a text that fetch the package without a warning in the same section. */
function unwarned(text: string): string[] {
  return text
    .split(/^#+ .+$/m)
    .flatMap((section) => (NOT_YET.test(section) ? [] : fetches(section)));
}

/** The places in a text where the package is installed from a file. */
function localPackages(text: string): string[] {
  return text.match(/\binstall[ \t]+\S*postern-\d\S*\.tgz/g) ?? [];
}

test("there are files to look at", () => {
  for (const file of ["docs/guide/cli.md", "examples/README.md", "src/cli/run.ts", "README.md"]) {
    expect(files).toContain(file);
  }
});

test("the registry's state is one of two", () => {
  expect(published).toBeTypeOf("boolean");
});

test.each(files)("%s sends no reader to a package that is not this one", (file) => {
  const text = readFileSync(file, "utf8");
  expect(published ? localPackages(text) : unwarned(text)).toEqual([]);
  expect(published && NOT_YET.test(text)).toBe(false);
});

test("a warning counts for its own section only", () => {
  const warned =
    "## Install\n\nnpm install postern\n\n> [!IMPORTANT]\n> There is no release yet.\n";
  expect(unwarned(warned)).toEqual([]);
  expect(unwarned(`${warned}\n## Use\n\nnpx postern\n`)).toEqual(["npx postern"]);
});

test("the guide installs the package from where it is", () => {
  const page = readFileSync("docs/guide/getting-started.md", "utf8");
  expect(NOT_YET.test(page)).toBe(!published);
  expect(published ? fetches(page) : localPackages(page)).not.toEqual([]);
});

test.each([
  "npx postern keys acme",
  "npx postern@latest keys acme",
  "npx -y postern",
  "npx --yes --package postern postern keys",
  "$(npx postern token --aud app)",
  "`npx postern`",
  "npx postern.",
  "npm install postern",
  "npm i postern",
  "npm add postern",
  "npm install --save-dev postern vitest",
  "npm install express postern",
  "npm install express \\\n  postern",
  "npm install postern@0.1.0",
  "npm install postern && npm start",
  "npm exec postern keys",
  "npm pack postern",
  "npm x -- postern keys",
  "pnpm add postern",
  "pnpm dlx postern",
  "pnpx postern",
  "yarn add -D postern",
  "yarn dlx postern",
  "bun add postern",
  "bunx postern",
  "deno add npm:postern",
  "deno run npm:postern/cli",
  "deno add jsr:@postern/postern",
  'import "npm:postern@0.1.0";',
  'import "https://esm.sh/postern";',
  "https://cdn.jsdelivr.net/npm/postern@0.1.0/dist/index.js",
])("a command that fetches the package is found: %s", (text) => {
  expect(fetches(text)).not.toEqual([]);
});

test.each([
  "npx --no-install postern keys acme",
  "npx --no postern keys acme",
  "npm exec --no -- postern keys",
  "npm install ./postern-0.1.0.tgz",
  "npm install ../postern/postern-0.1.0.tgz",
  "npm install file:../postern",
  "npm install express; postern keys",
  "node_modules/.bin/postern keys",
  "postern keys acme",
  "npm ci && npm run build && npm pack",
  "npx wrangler dev | postern decode -",
  "npm install in the folder. Then postern runs.",
])("a command that fetches nothing is not: %s", (text) => {
  expect(fetches(text)).toEqual([]);
});

test("a package that is installed from a file is found", () => {
  expect(localPackages("npm install ./postern-0.1.0.tgz")).not.toEqual([]);
  expect(localPackages("npm install postern")).toEqual([]);
});
