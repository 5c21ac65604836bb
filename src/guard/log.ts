/** What is logged about one decision. Never a token. Of the claims, only the principal's id. */
export interface Entry {
  readonly app: string;
  readonly method: string;
  /** Without the query. */
  readonly path: string;
  readonly decision: "accepted" | "public" | "refused";
  /** Why it was refused; empty otherwise. */
  readonly code: string;
  readonly kind?: string | undefined;
  readonly id?: string | undefined;
  readonly kid?: string | undefined;
  readonly ms: number;
}

/** Writes each decision in one line. */
export type Log = (entry: Entry) => void;

export function createLog(form: "json" | "text" | "off", write: (line: string) => void): Log {
  if (form === "off") return () => {};
  return (entry) => {
    const { app, method, decision, code, kind = null, id = null, kid = null } = entry;
    const time = new Date().toISOString();
    const path = shownPath(entry.path);
    const ms = Math.round(entry.ms * 1000) / 1000;
    const facts = { time, app, method, path, decision, code: code || null, kind, id, kid, ms };
    write(form === "json" ? `${JSON.stringify(facts)}\n` : `${asText(facts)}\n`);
  };
}

function shownPath(path: string): string {
  const [plain = ""] = path.split("?", 1);
  return withoutTokens(plain.slice(0, 2048));
}

/**
 * A token's header and all after it. A dot may be percent-encoded. It is looked for once in each part between
 * other characters, so that the time is linear: the client chooses the path.
 */
const TOKEN = /(?<![\w-])((?:(?!ey)[\w-])*)ey[\w-]{8,}(?:\.|%2e)(?:[\w.-]|%2e)*/gi;

/** Someone may put a token into a path, where it does not belong. */
export function withoutTokens(path: string): string {
  return path.replace(TOKEN, "$1[token]");
}

function asText(facts: { readonly [name: string]: string | number | null }): string {
  return Object.values(facts)
    .map((value) => (value === null ? "-" : String(value).replace(/[^!-~]/g, escaped)))
    .join(" ");
}

/** A line stays a line, and its columns stay columns. */
function escaped(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`;
}
