import { once } from "node:events";
import { lstat, unlink } from "node:fs/promises";
import { connect, type Server } from "node:net";
import type { Address } from "./address.ts";

/**
 * Listens, and gives the address with the port that it got.
 *
 * @throws {Error} (rejects) Node's own, when the address is taken or not allowed
 */
export async function listenAt(server: Server, address: Address): Promise<Address> {
  server.listen({ ...address });
  await once(server, "listening");
  const got = server.address();
  return typeof got === "object" && got !== null && "port" in address
    ? { host: address.host, port: got.port }
    : address;
}

/** Removes a unix socket that no process serves any more, and nothing else. */
export async function removeStale(address: Address): Promise<void> {
  if (!("path" in address)) return;
  const { path } = address;
  try {
    if (!(await lstat(path)).isSocket() || (await isServed(path))) return;
    await unlink(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
  }
}

async function isServed(path: string): Promise<boolean> {
  const socket = connect(path);
  try {
    await once(socket, "connect");
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== "ECONNREFUSED";
  } finally {
    socket.destroy();
  }
}
