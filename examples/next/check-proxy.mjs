// Run after `next build`: fails where the build has no proxy, as when proxy.js stands in another folder.
import { readFileSync } from "node:fs";

const read = (name) => JSON.parse(readFileSync(`.next/server/${name}`, "utf8"));

// The second is where a middleware of Next 15 is.
const found =
  "/_middleware" in read("functions-config-manifest.json").functions ||
  "/" in read("middleware-manifest.json").middleware;

if (!found) throw new Error("next build found no proxy: put proxy.js beside the folder app");
