import { once } from "node:events";
import { lstat, unlink } from "node:fs/promises";
import { connect, type Server } from "node:net";
import { listening } from "../proxy/listening.ts";
import { type Address, showAddress } from "./address.ts";

/**
 * Listens, and gives the address with the port that it got.
 *
 * @param option the option that says where
 * @throws {Error} (rejects) in one sentence, when the address is taken or not allowed, with Node's `code`
 */
export async function listenAt(
  server: Server,
  option: "listen" | "admin",
  address: Address,
): Promise<Address> {
  const instead =
    "port" in address
      ? "give another one, or port 0 for any free one"
      : "give another path, in a folder that exists";
  const shown = showAddress(address).replace("http://", "");
  await listening(server, { ...address }, `${option} ${shown}`, instead);
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
    // Nothing is there. Listening says why nothing can be.
    if (!["ENOENT", "ENOTDIR"].includes((error as NodeJS.ErrnoException).code ?? "")) throw error;
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
