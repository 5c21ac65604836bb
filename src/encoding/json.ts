/** A JSON object as it came from outside: read it with {@link own}. */
export type JsonObject = { readonly [name: string]: unknown };

// Malformed UTF-8 throws; a byte order mark is kept, and JSON then refuses it (RFC 8259 section 8.1).
const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

export function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** The JSON object that is spelt, else `undefined`: engines quote the input in their errors. */
export function parseJsonObject(json: Uint8Array | string): JsonObject | undefined {
  try {
    const value: unknown = JSON.parse(typeof json === "string" ? json : utf8.decode(json));
    return isJsonObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

/** An own property, else `undefined`: nothing is ever read from a prototype. */
export function own(object: object, name: string): unknown {
  return Object.hasOwn(object, name) ? (object as JsonObject)[name] : undefined;
}

/** Freezes a JSON object all the way down, without recursion: its nesting is the sender's. */
export function deepFreeze<T extends object>(object: T): T {
  const open: object[] = [object];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    Object.freeze(next);
    for (const value of Object.values(next)) {
      if (typeof value === "object" && value !== null) open.push(value);
    }
  }
  return object;
}
