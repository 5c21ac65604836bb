/** Does some work while every object seems to have the members. */
export async function polluted<T>(
  members: { readonly [name: string]: unknown },
  work: () => T | Promise<T>,
): Promise<T> {
  const everyone = Object.prototype as { [name: string]: unknown };
  const names = Object.keys(members);
  for (const name of names) {
    if (name in everyone) throw new Error(`every object has a ${name} as it is`);
    // Without a literal, whose own prototype would be the one at hand.
    everyone[name] = members[name];
  }
  try {
    return await work();
  } finally {
    for (const name of names) delete everyone[name];
  }
}
