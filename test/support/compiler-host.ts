import ts from "typescript";

const parsed = new Map<string, ts.SourceFile>();

/**
 * A compiler host that knows some more files, by their absolute path. Other files are parsed once in a process,
 * because the compiler's own declarations take longer than all that the tests compile.
 */
export function createHost(
  options: ts.CompilerOptions,
  texts: ReadonlyMap<string, string>,
): ts.CompilerHost {
  const host = ts.createCompilerHost(options);
  const { fileExists, readFile, getSourceFile } = host;
  host.fileExists = (name) => texts.has(name) || fileExists(name);
  host.readFile = (name) => texts.get(name) ?? readFile(name);
  host.getSourceFile = (name, target, ...rest) => {
    const text = texts.get(name);
    if (text !== undefined) return ts.createSourceFile(name, text, target);
    const key = JSON.stringify([name, target]);
    const file = parsed.get(key) ?? getSourceFile.call(host, name, target, ...rest);
    if (file !== undefined) parsed.set(key, file);
    return file;
  };
  return host;
}
