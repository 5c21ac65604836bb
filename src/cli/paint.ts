import { visible, visibleLines } from "../explain/visible.ts";
import type { Terminal } from "./terminal.ts";

/** Each makes foreign text safe to show, and colours it where there are colours. */
export interface Paint {
  plain(text: string): string;
  bold(text: string): string;
  dim(text: string): string;
  good(text: string): string;
  bad(text: string): string;
  warn(text: string): string;
}

/** Select Graphic Rendition (ECMA-48 section 8.3.117): on and off. */
const CODES = {
  plain: undefined,
  bold: [1, 22],
  dim: [2, 22],
  good: [32, 39],
  bad: [31, 39],
  warn: [33, 39],
} as const;

export function paint(colour: boolean): Paint {
  const brush =
    (codes: readonly [on: number, off: number] | undefined) =>
    (text: string): string =>
      colour && codes !== undefined
        ? `\u001b[${codes[0]}m${visible(text)}\u001b[${codes[1]}m`
        : visible(text);
  return {
    plain: brush(CODES.plain),
    bold: brush(CODES.bold),
    dim: brush(CODES.dim),
    good: brush(CODES.good),
    bad: brush(CODES.bad),
    warn: brush(CODES.warn),
  };
}

const COLOUR = /(\u001b\[(?:22?|1|3[1-39])m)/;

/**
 * A terminal that only our own colours can control, even where a text was not made safe: much of
 * what is shown comes from a token, a key set or a server.
 */
export function safely(terminal: Terminal): Terminal {
  const safe = (text: string): string =>
    terminal.colour
      ? text
          .split(COLOUR)
          .map((piece, index) => (index % 2 === 1 ? piece : visibleLines(piece)))
          .join("")
      : visibleLines(text);
  return {
    ...terminal,
    out: (text) => terminal.out(safe(text)),
    err: (text) => terminal.err(safe(text)),
  };
}

/** Names in a column of their own, as wide as the widest. */
export function columns(names: readonly string[]): (name: string) => string {
  const width = Math.max(0, ...names.map((name) => visible(name).length));
  return (name) => `${visible(name)}${" ".repeat(width - visible(name).length)}`;
}
