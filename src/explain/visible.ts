/**
 * Makes text safe to print, so that it cannot control a terminal or look like other text. Control
 * characters (C0, C1, DEL), direction marks, zero-width and other invisible characters are escaped as in
 * JSON.
 */
export function visible(text: string): string {
  return text.replace(/[\p{C}\p{DI}\p{Zl}\p{Zp}]/gu, escaped);
}

/** The same, but keeps line feeds and tabs. */
export function visibleLines(text: string): string {
  return text.replace(/[^\n\t\P{C}]|[\p{DI}\p{Zl}\p{Zp}]/gu, escaped);
}

/** No real token or key set has as many levels. */
const MOST_LEVELS = 20;
const TOO_DEEP = "nested too deeply to be shown";

/**
 * Writes JSON, indented by two spaces by default, with the same characters escaped. The sender chooses
 * the nesting, so deeper levels are left out: engines write JSON by recursion, and the indentation grows
 * with the square of the depth.
 */
export function visibleJson(value: unknown, indentation: number = 2): string {
  return visibleLines(JSON.stringify(shallow(value, MOST_LEVELS), undefined, indentation));
}

function shallow(value: unknown, levels: number): unknown {
  if (typeof value !== "object" || value === null) return value;
  if (levels === 0) return TOO_DEEP;
  if (Array.isArray(value)) return value.map((item) => shallow(item, levels - 1));
  const members = Object.entries(value).map(([name, member]) => [
    name,
    shallow(member, levels - 1),
  ]);
  // `fromEntries` defines members, so one named `__proto__` stays an ordinary member.
  return Object.fromEntries(members);
}

function escaped(character: string): string {
  // By code unit: a character above U+FFFF is written as a pair (RFC 8259 section 7).
  return character
    .split("")
    .map((unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`)
    .join("");
}
