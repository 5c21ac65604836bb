import { once } from "node:events";
import type { ListenOptions, Server } from "node:net";
import { own } from "../own.ts";

/** The reason for each error code of Node. */
const WHY = {
  EADDRINUSE: "is taken by another process",
  EACCES: "may not be used by this user",
  EADDRNOTAVAIL: "is not an address of this machine",
  ENOTFOUND: "is not an address of this machine",
  ENOTDIR: "is below a file, not below a folder",
};

/** Whether an error says that an address is not available, in a sentence that {@link listening} wrote. */
export function isAddressFault(error: unknown): error is Error {
  const { code = "" } = error as NodeJS.ErrnoException;
  return error instanceof Error && own(WHY, code) !== undefined;
}

/**
 * Listens.
 *
 * @param name the requested address, such as `port 8788`
 * @param instead what the user can do instead
 * @throws {Error} (rejects) when the address is not available: one sentence, with Node's `code`, and its
 * error as `cause`; other errors of Node are unchanged
 */
export async function listening(
  server: Server,
  where: ListenOptions,
  name: string,
  instead: string,
): Promise<void> {
  server.listen(where);
  try {
    await once(server, "listening");
  } catch (cause) {
    const { code = "" } = cause as NodeJS.ErrnoException;
    const why = own(WHY, code);
    if (why === undefined) throw cause;
    throw Object.assign(new Error(`${name} ${why}: ${instead}`, { cause }), { code });
  }
}
