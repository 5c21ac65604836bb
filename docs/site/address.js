import { readFileSync } from "node:fs";

const file = new URL("../../package.json", import.meta.url);
const { homepage, repository: stated } = JSON.parse(readFileSync(file, "utf8"));

/** The name that a sitemap and a preview need, until `homepage` in package.json says the true one. */
const UNKNOWN = "https://postern.example/";

/** Where the site is: with a slash at its end. */
export const site = new URL(process.env.SITE_URL ?? homepage ?? UNKNOWN);
if (!site.pathname.endsWith("/")) site.pathname += "/";
export const isKnown = site.href !== UNKNOWN;

/** The repository's page, if `repository` in package.json names one. */
export const repository = (stated?.url ?? stated)
  ?.replace(/^github:/, "https://github.com/")
  .replace(/^git\+/, "")
  .replace(/\.git$/, "");
