import { get } from "./credentials.ts";
import type { Knock, Page } from "./types.ts";

/** A public path and its answer. */
export interface PublicPage {
  readonly path: string;
  readonly page: Page;
}

/** Other ways to write one path (RFC 3986 section 6.2.2), exactly as they are sent. */
export function spellings(base: string, host: string, pages: readonly PublicPage[]): Knock[] {
  const why =
    "The guard reads the path before it is normalized, and the application after: they see different paths.";
  const spelt = base === "/" ? ofRoot(host) : ofPath(base, host);
  const knocks = spelt.map(([name, target]) => ({ name, target, ordinary: undefined }));
  const behind = pages.flatMap(({ path, page }) =>
    behindPublic(base, path).map(([name, target]) => ({ name, target, ordinary: page })),
  );
  return [...knocks, ...behind].map(({ name, target, ordinary }) => ({
    ...{ name: `path-${name}`, base, why, sent: get(target), family: "spelling of the path" },
    ...(ordinary !== undefined && { ordinary }),
  }));
}

type Spelling = readonly [name: string, target: string];

function ofRoot(host: string): Spelling[] {
  return [
    ["double-slash", "//"],
    ["dot", "/."],
    ["dot-dot", "/x/.."],
    ["dot-dot-slash", "/x/../"],
    ["encoded-dot", "/%2e"],
    ["encoded-slash", "/%2f"],
    ["semicolon", "/;x"],
    ["query", "/?x.html"],
    ["query-of-a-file", "/?x.css"],
    ["index", "/index.html"],
    ["file-below", "/x.css"],
    ["file-below-js", "/x.js"],
    ["encoded-twice", "/%252e"],
    ["encoded-slash-dot-dot", "/public%2f..%2f"],
    ["dot-dot-public", "/public/.."],
    ["backslash", "/.\\"],
    ["absolute", `http://${host}/`],
  ];
}

function ofPath(base: string, host: string): Spelling[] {
  const path = base.replace(/(.)\/$/, "$1");
  const segments = path.slice(1).split("/");
  const last = segments.at(-1) as string;
  // A guard may look at the first segment or at the whole path: each segment is changed.
  const each = (change: (segment: string) => string): string =>
    segments.map((segment) => `/${change(segment)}`).join("");
  const spelt = [
    ["double-slash", `/${path}`],
    ["double-slash-inside", `/${segments.join("//")}`],
    ["dot", `/.${path}`],
    ["dot-dot", `/x/..${path}`],
    ...PREFIXES.map((name): Spelling => [`dot-dot-${name}`, `/${name}/..${path}`]),
    ["encoded-dot-dot", `/x/%2e%2e${path}`],
    ["encoded-slash-dot-dot", `/x%2f..%2f${path.slice(1)}`],
    ["encoded-slash-dot-dot-public", `/public%2f..%2f${path.slice(1)}`],
    ["dot-dot-of-itself", `${path}/../${last}`],
    ["encoded-letter", each((segment) => encodedLetter(segment, "%"))],
    ["encoded-twice", each((segment) => encodedLetter(segment, "%25"))],
    ["encoded-slash", `/%2f${path.slice(1)}`],
    ["encoded-slash-behind", `${path}%2f`],
    ["slash-behind", `${path}/`],
    ["no-slash-behind", path],
    ["slashes-behind", `${path}//`],
    ["dot-behind", `${path}/.`],
    ["full-stop-behind", `${path}.`],
    ["dot-dot-behind", `${path}/x/..`],
    ["semicolon", each((segment) => `${segment};x.css`)],
    ["semicolon-before", `/;x${path}`],
    ["dot-dot-semicolon", `/x/..;${path}`],
    ["line-feed-behind", `${path}%0a`],
    ["query", `${path}?x.html`],
    ["query-of-a-file", `${path}?x.css`],
    ["file-below", `${path}/x.css`],
    ["file-below-js", `${path}/x.js`],
    ["file-below-png", `${path}/x.png`],
    ["file-beside", `${path}.css`],
    ["html-beside", `${path}.html`],
    ["json-beside", `${path}.json`],
    ["data-below", `${path}/__data.json`],
    ["public-words-below", `${path}/login/health/public/static/assets/favicon.ico`],
    ["language-before", `/en${path}`],
    ["upper-case", upper(path)],
    ["backslash", `/\\${path.slice(1)}`],
    ["dot-backslash", `/.\\${path.slice(1)}`],
    ["encoded-backslash", `/x%5c..%5c${path.slice(1)}`],
    ["space-behind", `${path}%20`],
    ["nul-behind", `${path}%00`],
    ["fragment", `${path}#x`],
    ["absolute", `http://${host}${path}`],
  ] as Spelling[];
  return spelt.filter(([, target]) => target !== base);
}

/** The beginnings of paths that guards often let pass. */
const PREFIXES = [
  ...["public", "static", "assets", "health", "healthz", "api", "login", "_next", ".well-known"],
  ...["favicon.ico", "auth"],
];

/** Percent-encodes the first letter, if it is one. */
function encodedLetter(segment: string, sign: string): string {
  const code = (segment.codePointAt(0) ?? 0).toString(16).padStart(2, "0");
  return /^[\w-]/.test(segment) ? `${sign}${code}${segment.slice(1)}` : segment;
}

/** Upper case, except for percent-encoded bytes, where case changes nothing. */
function upper(path: string): string {
  return path.replace(/%[0-9a-f]{2}|[a-z]+/gi, (text) =>
    text.startsWith("%") ? text : text.toUpperCase(),
  );
}

/** The guarded path, written so that it begins or ends like a public one. */
function behindPublic(base: string, page: string): Spelling[] {
  const name = page.slice(1).replace(/\W+/g, "-") || "root";
  const below = page.replace(/\/$/, "");
  const path = base === "/" ? "/" : base;
  return [
    [`behind-${name}`, `${below}/..${path}`],
    [`behind-${name}-encoded`, `${below}/%2e%2e${path}`],
    [`behind-${name}-encoded-slash`, `${below}%2f..%2f${path.slice(1)}`],
    [`behind-${name}-semicolon`, `${below}/..;${path}`],
    [`with-${name}-in-its-query`, `${path}?${page}`],
    ...(base === "/" ? [] : ([[`before-${name}`, `${base}${page}`]] as const)),
  ];
}
