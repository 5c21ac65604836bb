import { resolve } from "node:path";

const SOURCES = resolve("src");

/**
 * Runs a function while every object seems to have these names, each with a harmful value.
 * @returns the function's result, and the names that this library read, each with the line that
 * read it
 */
export async function whileEveryoneHas<T>(
  hostile: ReadonlyMap<string, unknown>,
  work: () => Promise<T>,
): Promise<{ result: T; read: readonly string[] }> {
  const read = new Set<string>();
  const everyone = Object.prototype as { [name: string]: unknown };
  let isLooking = false;
  for (const [name, value] of hostile) {
    if (name in everyone) throw new Error(`every object has a ${name} as it is`);
    Object.defineProperty(everyone, name, {
      configurable: true,
      get() {
        // The test runner reads such names as well, and formats stack traces.
        if (isLooking) return undefined;
        isLooking = true;
        const reader = findReader();
        isLooking = false;
        if (reader === undefined) return undefined;
        read.add(`${name} ${reader}`);
        return value;
      },
      set(this: object, own: unknown) {
        const settings = { __proto__: null, configurable: true, enumerable: true, writable: true };
        Object.defineProperty(this, name, { ...settings, value: own });
      },
    });
  }
  try {
    return { result: await work(), read: [...read] };
  } finally {
    for (const name of hostile.keys()) delete everyone[name];
  }
}

/** The line of the sources that read the name. Reads of the platform are outside this project. */
function findReader(): string | undefined {
  const { stackTraceLimit } = Error;
  // This function, the getter, and the line that is looked for: each line takes a while to be found in a source.
  Error.stackTraceLimit = 3;
  const { stack = "" } = new Error("read");
  Error.stackTraceLimit = stackTraceLimit;
  const [frame = ""] = stack.split("\n").slice(3);
  return frame.includes(SOURCES) ? frame.trim() : undefined;
}
