import { readFileSync } from "node:fs";
import { relative } from "node:path";
import ts from "typescript";

/** One page of the documentation. */
export interface Page {
  /** Relative to the root of the repository. */
  readonly path: string;
  readonly text: string;
}

/** A fenced block of code. */
export interface Block {
  readonly page: string;
  /** The line of its opening fence, from 1. */
  readonly line: number;
  readonly language: string;
  /** The tab title of a block in a group. */
  readonly label?: string | undefined;
  readonly code: string;
}

/** A heading, and its anchor on the web. */
export interface Heading {
  readonly level: number;
  readonly text: string;
  readonly anchor: string;
}

const ROOT_PAGES = [
  "README.md",
  "CHANGELOG.md",
  "CODE_OF_CONDUCT.md",
  "CONTRIBUTING.md",
  "SECURITY.md",
];

/** Every page that readers may be sent to. */
export function readPages(): readonly Page[] {
  // Installed packages are left out.
  const below = (folder: string): string[] =>
    ts.sys.readDirectory(folder, [".md"], undefined, ["**/*"]).sort();
  const paths = [...ROOT_PAGES, ...below("docs"), ...below("examples")];
  return paths.map((path) => ({ path: relative(".", path), text: readFileSync(path, "utf8") }));
}

/** The blocks of a page, and its lines outside of them (CommonMark section 4.5). */
export function takeApart({ path, text }: Page): { blocks: Block[]; prose: string[] } {
  const blocks: Block[] = [];
  const prose: string[] = [];
  let open: (Omit<Block, "page" | "code"> & { indent: RegExp; code: string[] }) | undefined;
  for (const [index, line] of text.split("\n").entries()) {
    const [, indent = "", language = "", label] = /^( *)```(.*?)(?: \[(.+)\])?$/.exec(line) ?? [
      undefined,
    ];
    const isFence = /^ *```/.test(line);
    if (open === undefined && !isFence) prose.push(line);
    else if (open === undefined) {
      const inside = new RegExp(`^ {0,${indent.length}}`);
      open = { line: index + 1, language, label, indent: inside, code: [] };
    } else if (isFence) {
      const { indent: _, code: lines, ...rest } = open;
      blocks.push({ page: path, ...rest, code: `${lines.join("\n")}\n` });
      open = undefined;
    } else open.code.push(line.replace(open.indent, ""));
  }
  if (open !== undefined) throw new Error(`${path}:${open.line} is never closed`);
  return { blocks, prose };
}

/** The headings of a page, with the anchors that GitHub and the site give them. */
export function headingsOf(page: Page): Heading[] {
  const seen = new Map<string, number>();
  return takeApart(page).prose.flatMap((line) => {
    const [, marks, text] = /^(#{1,6}) (.+?)\s*$/.exec(line) ?? [];
    if (marks === undefined || text === undefined) return [];
    const shown = text.replace(/\[([^\]]*)\]\([^)]*\)/g, "$1").replaceAll("`", "");
    const slug = shown
      .toLowerCase()
      .replace(/[^\p{L}\p{N}\p{M}_ -]/gu, "")
      .replaceAll(" ", "-");
    const times = seen.get(slug) ?? 0;
    seen.set(slug, times + 1);
    const anchor = times === 0 ? slug : `${slug}-${times}`;
    return [{ level: marks.length, text: shown, anchor }];
  });
}

/** The targets of a page's links and pictures, as they are written. */
export function linksOf(page: Page): string[] {
  const text = takeApart(page)
    .prose.join("\n")
    .replace(/`[^`]*`/g, "");
  const inline = text.matchAll(/\]\(([^()\s]+(?:\([^()\s]*\)[^()\s]*)?)\)/g);
  const named = text.matchAll(/^\[[^\]]+\]: (\S+)$/gm);
  return [...inline, ...named].map(([, target = ""]) => target);
}
