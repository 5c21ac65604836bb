import { DOCUMENTATION } from "../token-error.ts";

export { errorPage } from "../token-error.ts";

/** Commands with their own page. The others are headings on the page of the CLI. */
const OWN_PAGES = ["discover", "knock", "guard"];

/** The page about one command, or about the CLI as a whole. */
export function commandPage(name?: string): string {
  if (name === undefined) return `${DOCUMENTATION}guide/cli.html`;
  return `${DOCUMENTATION}guide/${OWN_PAGES.includes(name) ? `${name}.html` : `cli.html#${name}`}`;
}
