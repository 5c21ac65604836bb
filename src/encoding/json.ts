/** A JSON object as it came from outside: read it with `own`. */
export type JsonObject = { readonly [name: string]: unknown };

export function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

// Captured at load: code that wraps it later sees no token.
const { parse } = JSON;

/** Parses a JSON object; `undefined` for anything else, because engines quote the input in their errors. */
export function parseJsonObject(json: string): JsonObject | undefined {
  try {
    const value: unknown = parse(json);
    if (isJsonObject(value)) return value;
  } catch {
    // Not JSON.
  }
  return undefined;
}

/** Freezes a JSON object and all that is in it, without recursion: the sender chooses its depth. */
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
