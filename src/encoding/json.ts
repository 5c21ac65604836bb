/** A JSON object as it came from outside: read it with {@link own}. */
export type JsonObject = { readonly [name: string]: unknown };

export function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** The JSON object that is spelt, else `undefined`: engines quote the input in their errors. */
export function parseJsonObject(json: string): JsonObject | undefined {
  try {
    const value: unknown = JSON.parse(json);
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
