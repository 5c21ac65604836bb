import { join, resolve } from "node:path";
import ts from "typescript";
import { createHost } from "../support/compiler-host.ts";
import { nameOf } from "./blocks.ts";
import type { Block } from "./markdown.ts";
import { PATHS } from "./paths.ts";

/**
 * The compiler options of readers: strict types, without the project's own rules for exports and
 * unused names.
 */
function optionsFor(language: "ts" | "js"): ts.CompilerOptions {
  const { config } = ts.readConfigFile("tsconfig.json", ts.sys.readFile);
  const { options } = ts.parseJsonConfigFileContent({ ...config, files: [] }, ts.sys, resolve("."));
  return {
    ...options,
    lib: ["lib.es2023.d.ts", "lib.dom.d.ts", "lib.dom.iterable.d.ts"],
    paths: Object.fromEntries(Object.entries(PATHS).map(([name, file]) => [name, [file]])),
    declaration: false,
    isolatedDeclarations: false,
    noUnusedLocals: false,
    noUnusedParameters: false,
    // JavaScript has no types of its own: it is checked against those of the library alone.
    ...(language === "js" && {
      allowJs: true,
      checkJs: true,
      strict: false,
      exactOptionalPropertyTypes: false,
    }),
  };
}

/**
 * A block that begins with the path of a file is that file. Each other block has its own folder.
 */
export function fileOf(block: Block): string {
  const [, path] = /^\/\/ (src\/\S+\.ts)\n/.exec(block.code) ?? [];
  const { page, line, language } = block;
  return resolve(path ?? join("test/docs/blocks", page, String(line), `block.${language}`));
}

/** Stand-ins for the reader's own files. */
const AROUND = resolve("test/docs/around.d.ts");
/** Where packages are found that are not installed at the root. */
const OWN = resolve("test/docs/own.ts");

/**
 * Compiles blocks of one language as one program.
 * @returns the compiler's messages for each block, by its name
 */
export function compile(
  blocks: readonly Block[],
  language: "ts" | "js",
): ReadonlyMap<string, readonly string[]> {
  const files = new Map(blocks.map((block) => [fileOf(block), block]));
  const texts = new Map([...files].map(([name, { code }]) => [name, code]));
  const host = createHost(optionsFor(language), texts);
  host.resolveModuleNameLiterals = (literals, from, redirect, options, source) =>
    literals.map((literal) => {
      const mode = ts.getModeForUsageLocation(source, literal, options);
      const find = (file: string) =>
        ts.resolveModuleName(literal.text, file, options, host, undefined, redirect, mode);
      const found = find(from);
      return found.resolvedModule === undefined ? find(OWN) : found;
    });
  const program = ts.createProgram({
    rootNames: [...files.keys(), AROUND],
    options: optionsFor(language),
    host,
  });
  return new Map(
    [...files].map(([name, block]) => {
      const found = ts.getPreEmitDiagnostics(program, program.getSourceFile(name));
      return [nameOf(block), found.map((diagnostic) => tell(diagnostic, block))];
    }),
  );
}

function tell({ file, start = 0, messageText }: ts.Diagnostic, block: Block): string {
  const line = file === undefined ? 0 : file.getLineAndCharacterOfPosition(start).line + 1;
  return `${block.page}:${block.line + line}: ${ts.flattenDiagnosticMessageText(messageText, " ")}`;
}
