/** Where the documentation is: `homepage` of package.json, once it has one. A test compares the two. */
const DOCUMENTATION = "https://postern.example/";

/** The entry of an error's code. Its address does not change. */
export function errorPage(code: string): string {
  return `${DOCUMENTATION}errors.html#${code}`;
}

/** Commands with a page of their own; each of the others is a heading on the page of the command. */
const OWN_PAGES = ["discover", "knock", "guard"];

/** The page about a word after `postern`, or about the command as a whole. */
export function commandPage(name?: string): string {
  if (name === undefined) return `${DOCUMENTATION}guide/cli.html`;
  return `${DOCUMENTATION}guide/${OWN_PAGES.includes(name) ? `${name}.html` : `cli.html#${name}`}`;
}
