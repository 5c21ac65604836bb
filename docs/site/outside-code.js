const CODE = /^ *(`{3,})[\s\S]*?^ *\1|`[^`\n]+`/gm;

/** A page's text with a change made to it, code left as it is. */
export function outsideCode(text, change) {
  const code = [];
  const hidden = text.replace(CODE, (part) => `\0${code.push(part) - 1}\0`);
  return change(hidden).replace(/\0(\d+)\0/g, (_, index) => code[index]);
}
