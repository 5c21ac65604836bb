// Run after `next build`: fails if the build has no proxy, for example because the file is in another folder.
import { readFileSync } from "node:fs";

const read = (name) => JSON.parse(readFileSync(`.next/server/${name}`, "utf8"));

// The second is for the middleware of Next.js 15.
const found =
  "/_middleware" in read("functions-config-manifest.json").functions ||
  "/" in read("middleware-manifest.json").middleware;

if (!found) throw new Error("next build found no proxy: put the file next to the folder app");
