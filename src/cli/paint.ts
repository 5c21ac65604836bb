import { visible, visibleLines } from "../explain/visible.ts";
import type { Terminal } from "./terminal.ts";

/** Functions that make text safe to print, and colour it if the terminal has colours. */
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
 * Wraps a terminal so that only our own colours can control it, even if a command forgets to make a text
 * safe. Much of the output comes from a token, a key set or a server.
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

/** Returns a function that pads a name to the width of the longest. */
export function columns(names: readonly string[]): (name: string) => string {
  const width = Math.max(0, ...names.map((name) => visible(name).length));
  return (name) => `${visible(name)}${" ".repeat(width - visible(name).length)}`;
}
