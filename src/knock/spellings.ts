import { get } from "./credentials.ts";
import type { Answer, Knock } from "./types.ts";

/** A public path, and what it says. */
export interface PublicPage {
  readonly path: string;
  readonly answer: Answer;
}

/** Other spellings of one path (RFC 3986 section 6.2.2), as they are to go out. */
export function spellings(base: string, host: string, pages: readonly PublicPage[]): Knock[] {
  const why =
    "The guard reads the path before it is made plain, the application afterwards: they see two paths.";
  const spelt = base === "/" ? ofRoot(host) : ofPath(base, host);
  const knocks = spelt.map(([name, target]) => ({ name, target, ordinary: undefined }));
  const behind = pages.flatMap(({ path, answer }) =>
    behindPublic(base, path).map(([name, target]) => ({ name, target, ordinary: answer })),
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
    ["query", "/?x"],
    ["query-of-a-file", "/?x.css"],
    ["absolute", `http://${host}/`],
  ];
}

function ofPath(base: string, host: string): Spelling[] {
  const path = base.replace(/(.)\/$/, "$1");
  const cut = path.lastIndexOf("/") + 1;
  const [front, last] = [path.slice(0, cut), path.slice(cut)];
  const encoded = (letter: string): string =>
    `%${(letter.codePointAt(0) ?? 0).toString(16).padStart(2, "0")}`;
  const first = last.slice(0, 1);
  const rest = last.slice(1);
  const isPlainLetter = /^[\w-]$/.test(first);
  return [
    ["double-slash", `/${path}`],
    ["double-slash-inside", `${front}/${last}`],
    ["dot", `/.${path}`],
    ["dot-dot", `/x/..${path}`],
    ...["public", "static", "assets", "health", "api", "login", "_next", ".well-known"].map(
      (name): Spelling => [`dot-dot-${name}`, `/${name}/..${path}`],
    ),
    ["encoded-dot-dot", `/x/%2e%2e${path}`],
    ["dot-dot-of-itself", `${path}/../${last}`],
    ...(isPlainLetter ? ([["encoded-letter", `${front}${encoded(first)}${rest}`]] as const) : []),
    ...(isPlainLetter
      ? ([["encoded-twice", `${front}%25${encoded(first).slice(1)}${rest}`]] as const)
      : []),
    ["encoded-slash", `/%2f${path.slice(1)}`],
    ["encoded-slash-behind", `${path}%2f`],
    ["slash-behind", `${path}/`],
    ["no-slash-behind", path],
    ["slashes-behind", `${path}//`],
    ["dot-behind", `${path}/.`],
    ["dot-dot-behind", `${path}/x/..`],
    ["semicolon", `${path};x`],
    ["semicolon-before", `/;x${path}`],
    ["dot-dot-semicolon", `/x/..;${path}`],
    ["line-feed-behind", `${path}%0a`],
    ["query", `${path}?x`],
    ["query-of-a-file", `${path}?x.css`],
    ["file-below", `${path}/x.css`],
    ["file-beside", `${path}.css`],
    ["json-beside", `${path}.json`],
    ["upper-case", upper(path)],
    ["backslash", `/\\${path.slice(1)}`],
    ["space-behind", `${path}%20`],
    ["nul-behind", `${path}%00`],
    ["fragment", `${path}#x`],
    ["absolute", `http://${host}${path}`],
  ].filter(([, target]) => target !== base) as Spelling[];
}

/** Percent-encoded octets have no other case. */
function upper(path: string): string {
  return path.replace(/%[0-9a-f]{2}|[a-z]+/gi, (text) =>
    text.startsWith("%") ? text : text.toUpperCase(),
  );
}

/** A guarded path that begins, or ends, like a public one. */
function behindPublic(base: string, page: string): Spelling[] {
  const name = page.slice(1).replace(/\W+/g, "-") || "root";
  const below = page.replace(/\/$/, "");
  const path = base === "/" ? "/" : base;
  return [
    [`behind-${name}`, `${below}/..${path}`],
    [`behind-${name}-encoded`, `${below}/%2e%2e${path}`],
    [`behind-${name}-semicolon`, `${below}/..;${path}`],
    [`with-${name}-in-its-query`, `${path}?${page}`],
    ...(base === "/" ? [] : ([[`before-${name}`, `${base}${page}`]] as const)),
  ];
}
