import { mistake } from "../caller-mistakes.ts";

/** Where to listen: on a host's port, or at a path as a unix socket. */
export type Address = { readonly host: string; readonly port: number } | { readonly path: string };

const EXPECTED = "host:port, a port, or unix:/path";

/**
 * An address to listen on. A port alone is on this machine only.
 *
 * @throws {TypeError} for what is none
 */
export function addressOption(option: string, value: unknown): Address {
  if (typeof value !== "string") throw mistake(option, EXPECTED, value);
  const [, path] = /^unix:(\/[^\0]{1,100})$/.exec(value) ?? [];
  if (path !== undefined) return { path };
  const [, bracketed, plain, digits] =
    /^(?:(?:\[([\da-f:.]+)\]|([\w.-]+))?:)?(\d{1,5})$/i.exec(value) ?? [];
  const port = Number(digits ?? Number.NaN);
  if (!(port <= 65_535)) throw new TypeError(`${option} must be ${EXPECTED}`);
  return { host: bracketed ?? plain ?? "127.0.0.1", port };
}

/** As a person or a program writes it. */
export function showAddress(address: Address): string {
  if ("path" in address) return `unix:${address.path}`;
  const { host, port } = address;
  return `http://${host.includes(":") ? `[${host}]` : host}:${port}`;
}
