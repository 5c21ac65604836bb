import { readFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { SourceTextModule } from "node:vm";
import { EdgeVM } from "@edge-runtime/vm";

// The sandbox evaluates scripts only, but its context takes modules directly.
const { context } = new EdgeVM();
const modules = new Map();

function load(url) {
  const known = modules.get(url.href);
  if (known !== undefined) return known;
  const source = readFileSync(url, "utf8");
  const module = new SourceTextModule(source, { context, identifier: url.href });
  modules.set(url.href, module);
  return module;
}

const main = load(pathToFileURL(join(process.argv[2], "main.js")));
await main.link((specifier, { identifier }) => load(new URL(specifier, identifier)));
await main.evaluate();
