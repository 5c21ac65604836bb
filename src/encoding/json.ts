/** A JSON object as it came from outside: read it with `own`. */
export type JsonObject = { readonly [name: string]: unknown };

export function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

// Taken at load: code that wraps it later reads no token.
const { parse } = JSON;

/** The JSON object that is spelt, else `undefined`: engines quote the input in their errors. */
export function parseJsonObject(json: string): JsonObject | undefined {
  try {
    const value: unknown = parse(json);
    return isJsonObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
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
