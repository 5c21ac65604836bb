import { once } from "node:events";
import type { ListenOptions, Server } from "node:net";
import { own } from "../own.ts";

/** Why an address cannot be had, by Node's code. */
const WHY = {
  EADDRINUSE: "is taken by another process",
  EACCES: "may not be used by this user",
  EADDRNOTAVAIL: "is not an address of this machine",
};

/**
 * Listens.
 *
 * @param name what the caller asked for, such as `port 8788`
 * @param instead what to write in its place
 * @throws {Error} (rejects) in one sentence, with Node's `code` and, as `cause`, its error; any other
 * error of Node's as it is
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
