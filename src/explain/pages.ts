/** The address of the documentation. A test compares it with `homepage` in package.json. */
const DOCUMENTATION = "https://postern.example/";

/** The address of an error's entry. It never changes. */
export function errorPage(code: string): string {
  return `${DOCUMENTATION}errors.html#${code}`;
}

/** Commands with their own page. The others are headings on the page of the CLI. */
const OWN_PAGES = ["discover", "knock", "guard"];

/** The page about one command, or about the CLI as a whole. */
export function commandPage(name?: string): string {
  if (name === undefined) return `${DOCUMENTATION}guide/cli.html`;
  return `${DOCUMENTATION}guide/${OWN_PAGES.includes(name) ? `${name}.html` : `cli.html#${name}`}`;
}
