/** Markup that is safe to send, because only {@link html} makes it. */
export interface Html {
  readonly markup: string;
}

type Part = string | number | Html | undefined | readonly Html[];

const ENTITIES: Record<string, string> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

/** Makes markup from a template. Escapes every value that is not markup itself. */
export function html(strings: TemplateStringsArray, ...parts: readonly Part[]): Html {
  let markup = strings[0] ?? "";
  for (const [at, part] of parts.entries()) markup += render(part) + (strings[at + 1] ?? "");
  return { markup };
}

function render(part: Part): string {
  if (part === undefined) return "";
  if (typeof part !== "object") return String(part).replace(/[&<>"']/g, (c) => ENTITIES[c] ?? "");
  return "markup" in part ? part.markup : part.map(render).join("");
}
