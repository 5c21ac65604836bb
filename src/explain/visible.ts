/**
 * Foreign text that cannot steer a terminal, or look like other text: control characters (C0, C1, DEL),
 * marks of direction, characters of no width and everything else without a shape of its own is shown
 * as JSON would spell it.
 */
export function visible(text: string): string {
  return text.replace(/[\p{C}\p{DI}\p{Zl}\p{Zp}]/gu, escaped);
}

/** The same for whole lines: their ends and tabs stay. */
export function visibleLines(text: string): string {
  return text.replace(/[^\n\t\P{C}]|[\p{DI}\p{Zl}\p{Zp}]/gu, escaped);
}

/** More levels than any token or key set has; each costs two spaces in every line below it. */
const MOST_LEVELS = 20;
const TOO_DEEP = "nested too deeply to be shown";

/**
 * JSON, indented by two spaces unless told otherwise, with the same characters escaped. Its nesting is
 * the sender's: what lies too deep is left out, because engines write JSON by recursion, and because
 * indentation grows with the square of the depth.
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
  // It defines what it is given: a member of the name `__proto__` stays one.
  return Object.fromEntries(members);
}

function escaped(character: string): string {
  // By code unit: a character beyond the first plane is a pair (RFC 8259 section 7).
  return character
    .split("")
    .map((unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`)
    .join("");
}
