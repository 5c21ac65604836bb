/** Runs a function while every object seems to have these members. */
export async function polluted<T>(
  members: { readonly [name: string]: unknown },
  work: () => T | Promise<T>,
): Promise<T> {
  const everyone = Object.prototype as { [name: string]: unknown };
  const names = Object.keys(members);
  for (const name of names) {
    if (name in everyone) throw new Error(`every object has a ${name} as it is`);
    if (name === "e") giveError(members[name]);
    // Not a literal, because a literal's own prototype is the polluted one.
    else everyone[name] = members[name];
  }
  try {
    return await work();
  } finally {
    for (const name of names) delete everyone[name];
  }
}

/**
 * The test runner's own messages, which have `t` and `i`, have an `e` after a fault, and are read
 * while the function runs. They alone must not seem to have one.
 */
function giveError(value: unknown): void {
  Object.defineProperty(Object.prototype, "e", {
    configurable: true,
    enumerable: true,
    get(this: object) {
      return Object.hasOwn(this, "t") && Object.hasOwn(this, "i") ? undefined : value;
    },
    set(this: object, own: unknown) {
      const settings = { configurable: true, enumerable: true, writable: true };
      Object.defineProperty(this, "e", { ...settings, value: own });
    },
  });
}
