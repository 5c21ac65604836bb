import { readdirSync, readFileSync } from "node:fs";
import { builtinModules } from "node:module";
import { dirname, join, relative, resolve } from "node:path";
import ts from "typescript";

/** For each file of a tree, relative to its root, the specifiers that it imports. */
export type Imports = ReadonlyMap<string, readonly string[]>;

/**
 * Every module that a source names: imports and re-exports, of types as well, `import()` as an
 * expression and as a type, `import … = require()`, `require()` and `/// <reference>`. A module of
 * Node that is imported for its types alone is marked.
 */
export function specifiers(source: string): string[] {
  const file = ts.createSourceFile("x.ts", source, ts.ScriptTarget.ESNext, true);
  const found = [...file.referencedFiles, ...file.typeReferenceDirectives].map(
    ({ fileName }) => fileName,
  );
  const add = (node: ts.Node | undefined, mark = ""): void => {
    if (node === undefined) return;
    // What is put together at run time could be anything.
    found.push(ts.isStringLiteralLike(node) ? mark + node.text : `?${node.getText(file)}`);
  };
  const visit = (node: ts.Node): void => {
    if (ts.isImportDeclaration(node)) {
      const isBuiltinType =
        node.importClause?.isTypeOnly === true && isBuiltin(node.moduleSpecifier);
      add(node.moduleSpecifier, isBuiltinType ? "type " : "");
    } else if (ts.isExportDeclaration(node)) add(node.moduleSpecifier);
    else if (ts.isExternalModuleReference(node)) add(node.expression);
    else if (ts.isImportTypeNode(node)) {
      add(ts.isLiteralTypeNode(node.argument) ? node.argument.literal : node.argument);
    } else if (ts.isCallExpression(node)) {
      const { kind } = node.expression;
      const isRequire = ts.isIdentifier(node.expression) && node.expression.text === "require";
      if (kind === ts.SyntaxKind.ImportKeyword || isRequire) add(node.arguments[0]);
    }
    ts.forEachChild(node, visit);
  };
  visit(file);
  return found;
}

function isBuiltin(node: ts.Node): boolean {
  return ts.isStringLiteralLike(node) && node.text.startsWith("node:");
}

/** Reads a tree of sources. */
export function readSources(root: string): ReadonlyMap<string, string> {
  const names = readdirSync(root, { recursive: true, encoding: "utf8" });
  const files = names.filter((name) => /\.[cm]?tsx?$/.test(name)).sort();
  return new Map(files.map((name) => [name, readFileSync(join(root, name), "utf8")]));
}

/** The floors of the house, from the ground up; what stands on one line stands side by side. */
const FLOORS: readonly (readonly string[])[] = [
  ["ground"],
  ["encoding", "http"],
  ["token"],
  ["keys", "access"],
  ["verify", "testing", "stores"],
  ["adapters", "checks", "browser", "index", "proxy"],
  ["guard", "local", "explain", "knock"],
  ["cli"],
];

const GROUND = ["errors.ts", "token-error.ts", "key-set-error.ts", "caller-mistakes.ts", "own.ts"];

/** The room that a file is in: its top folder, or for a file outside them its own name. */
function roomOf(file: string): string {
  if (GROUND.includes(file)) return "ground";
  return file.split("/")[0]?.replace(/\.ts$/, "") as string;
}

const floorOf = (file: string): number => FLOORS.findIndex((rooms) => rooms.includes(roomOf(file)));

/** Where a relative specifier leads, relative to the root; it may lead outside. */
function target(from: string, specifier: string): string {
  return relative("/", resolve("/", "src", dirname(from), specifier)).replace(/^src\//, "");
}

/** Every import that the house does not allow, each in a sentence. */
export function offences(imports: Imports): string[] {
  return [...imports].flatMap(([file, names]) =>
    names.flatMap((specifier) => {
      const why = /^\.\.?\//.test(specifier)
        ? inside(file, target(file, specifier), imports)
        : outside(file, specifier);
      return why === undefined ? [] : [`${file} imports ${specifier}: ${why}`];
    }),
  );
}

function inside(file: string, found: string, imports: Imports): string | undefined {
  if (!imports.has(found)) return "no file of src/";
  if (roomOf(found) === roomOf(file)) return undefined;
  const [from, to] = [floorOf(file), floorOf(found)];
  if (from < 0 || to < 0) return "a room on no floor";
  if (to === from) return "sideways";
  return to > from ? "upward" : undefined;
}

/** Node's own modules are for the rooms that need Node; a framework is for its adapter. */
function outside(file: string, specifier: string): string | undefined {
  // The types of Node's requests are erased, and an adapter for Node cannot do without them.
  if (specifier.startsWith("type "))
    return /^(?:adapters|proxy|guard|knock|local|cli)\//.test(file) ? undefined : "Node";
  if (specifier.startsWith("node:") || builtinModules.includes(specifier))
    return /^(?:proxy|guard|knock|local|cli)\//.test(file) ? undefined : "a module of Node";
  if (specifier.startsWith("?")) return "not a constant";
  return file.startsWith("adapters/") ? undefined : "outside src/";
}

/** The first cycle there is, from file to file, if any. */
export function cycle(imports: Imports): string[] | undefined {
  const done = new Set<string>();
  const walk = (file: string, path: readonly string[]): string[] | undefined => {
    if (path.includes(file)) return [...path.slice(path.indexOf(file)), file];
    if (done.has(file)) return undefined;
    for (const specifier of imports.get(file) ?? []) {
      const found = walk(target(file, specifier), [...path, file]);
      if (found !== undefined) return found;
    }
    done.add(file);
    return undefined;
  };
  for (const file of imports.keys()) {
    const found = walk(file, []);
    if (found !== undefined) return found;
  }
  return undefined;
}
