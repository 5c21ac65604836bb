import { resolve } from "node:path";
import ts from "typescript";
import builds from "../../tsup.config.ts";

/** One options object of an exported function or class. */
export interface OptionsSite {
  /** Its place: `postern/testing createTestIssuer().hostileTokens(options)`. */
  readonly site: string;
  /** The name of its type, as the sources spell it. */
  readonly type: string;
  readonly names: readonly string[];
}

const SOURCES: string = resolve("src");
/** Types that the sources take from frameworks and browsers. */
const AMBIENT = ["src/adapters/frameworks.d.ts", "src/browser/dom.d.ts"];

/**
 * Every options object of every entry, read from the sources' types: a parameter of an exported
 * function, of a class's constructor, or of a function that these return, and each property that
 * holds options in turn.
 * A type of this library with an optional property counts as options.
 * @param isData whether a type of that name is no options type: data, a client, a request
 */
export function findOptions(isData: (type: string) => boolean): readonly OptionsSite[] {
  const entries = builds[0]?.entry as Readonly<Record<string, string>>;
  const program = ts.createProgram({
    rootNames: [...Object.values(entries), ...AMBIENT].map((file) => resolve(file)),
    options: compilerOptions(),
  });
  const checker = program.getTypeChecker();
  const found = new Map<string, { type: string; names: Set<string> }>();

  function visitValue(type: ts.Type, path: string, seen: readonly ts.Type[]): void {
    for (const part of partsOf(type)) {
      if (seen.includes(part)) continue;
      const within = [...seen, part];
      for (const signature of checker.getSignaturesOfType(part, ts.SignatureKind.Call)) {
        if (!isOurs(signature.declaration)) continue;
        visitSignature(signature, path, within);
      }
      for (const signature of checker.getSignaturesOfType(part, ts.SignatureKind.Construct)) {
        if (!isOurs(signature.declaration)) continue;
        visitSignature(signature, `new ${path}`, within);
      }
    }
  }

  function visitSignature(signature: ts.Signature, path: string, seen: readonly ts.Type[]): void {
    for (const parameter of signature.getParameters()) {
      visitOptions(checker.getTypeOfSymbol(parameter), `${path}(${parameter.name})`, seen);
    }
    visitReturned(signature.getReturnType(), `${path}()`, seen);
  }

  /** The type that is returned or resolved to: a function, or an object with methods. */
  function visitReturned(type: ts.Type, path: string, seen: readonly ts.Type[]): void {
    const returned = checker.getAwaitedType(type) ?? type;
    visitValue(returned, path, seen);
    for (const part of partsOf(returned)) {
      if (seen.includes(part)) continue;
      for (const member of part.getProperties()) {
        if (!member.declarations?.some(isOurs)) continue;
        const value = checker.getTypeOfSymbol(member);
        visitValue(value, `${path.replace(/^new /, "")}.${member.name}`, [...seen, part]);
      }
    }
  }

  function visitOptions(type: ts.Type, site: string, seen: readonly ts.Type[]): void {
    for (const part of partsOf(type)) {
      if (seen.includes(part)) continue;
      if (checker.isArrayLikeType(part)) {
        const [element] = checker.getTypeArguments(part as ts.TypeReference);
        if (element !== undefined) visitOptions(element, `${site}[]`, [...seen, part]);
        continue;
      }
      const properties = checker.getPropertiesOfType(part);
      const isOptions =
        properties.some(({ flags }) => flags & ts.SymbolFlags.Optional) &&
        properties.some(({ declarations }) => declarations?.some(isOurs)) &&
        checker.getIndexInfosOfType(part).length === 0;
      const name = nameOf(part, site);
      if (!isOptions || isData(name)) continue;
      const known = found.get(site) ?? { type: name, names: new Set() };
      found.set(site, known);
      for (const property of properties) {
        const value = checker.getTypeOfSymbol(property);
        // A property that may only be absent is not an option, but marks another kind.
        if (!(value.flags & ts.TypeFlags.Undefined)) known.names.add(property.name);
        visitOptions(value, `${site}.${property.name}`, [...seen, part]);
      }
    }
  }

  function isOurs(declaration: ts.Node | undefined): boolean {
    return declaration?.getSourceFile().fileName.startsWith(SOURCES) === true;
  }

  function nameOf(type: ts.Type, site: string): string {
    const parts = type.isIntersection() ? type.types : [type];
    const names = parts.map((part) => (part.aliasSymbol ?? part.getSymbol())?.name ?? "__type");
    return names.includes("__type") ? `the type of ${site}` : names.join(" & ");
  }

  for (const [name, file] of Object.entries(entries)) {
    const source = program.getSourceFile(resolve(file));
    const module = source && checker.getSymbolAtLocation(source);
    if (module === undefined) throw new Error(`the compiler cannot read ${file}`);
    for (const symbol of checker.getExportsOfModule(module)) {
      const isAlias = symbol.flags & ts.SymbolFlags.Alias;
      const target = isAlias ? checker.getAliasedSymbol(symbol) : symbol;
      if (!(target.flags & ts.SymbolFlags.Value)) continue;
      const entry = name === "index" ? "postern" : `postern/${name}`;
      visitValue(checker.getTypeOfSymbol(target), `${entry} ${symbol.name}`, []);
    }
  }
  return [...found].map(([site, { type, names }]) => ({ site, type, names: [...names] }));
}

function partsOf(type: ts.Type): readonly ts.Type[] {
  return type.isUnion() ? type.types.flatMap(partsOf) : [type];
}

function compilerOptions(): ts.CompilerOptions {
  const { config } = ts.readConfigFile("tsconfig.json", ts.sys.readFile);
  return ts.parseJsonConfigFileContent({ ...config, files: [] }, ts.sys, resolve(".")).options;
}
