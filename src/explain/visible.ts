/**
 * Foreign text that cannot steer a terminal: control characters (C0, C1, DEL), marks of direction and
 * everything else without a shape of its own is shown as JSON would spell it.
 */
export function visible(text: string): string {
  return text.replace(/[\p{C}\p{Zl}\p{Zp}]/gu, escaped);
}

/** JSON, indented by two spaces unless told otherwise, with the same characters escaped. */
export function visibleJson(value: unknown, indentation: number = 2): string {
  return JSON.stringify(value, undefined, indentation).replace(
    /[^\n\P{C}]|[\p{Zl}\p{Zp}]/gu,
    escaped,
  );
}

function escaped(character: string): string {
  // By code unit: a character beyond the first plane is a pair (RFC 8259 section 7).
  return character
    .split("")
    .map((unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`)
    .join("");
}
