import { own } from "../own.ts";

/** The headers of a web request or a Node request. */
export type AnyHeaders = WebHeaders | NodeHeaders;

interface WebHeaders {
  get(name: string): string | null;
}
export interface NodeHeaders {
  readonly [name: string]: string | string[] | undefined;
}

export function isWebHeaders(headers: AnyHeaders | undefined): headers is WebHeaders {
  return typeof headers?.get === "function";
}

/**
 * Reads a header. Several values are joined by commas. Returns `undefined` when it is absent.
 *
 * @param name in lower case, like Node's names. Only Node's headers can contain a pseudo-header.
 */
export function readHeader(headers: AnyHeaders | undefined, name: string): string | undefined {
  if (headers === undefined || (name.startsWith(":") && isWebHeaders(headers))) return undefined;
  const value = isWebHeaders(headers) ? headers.get(name) : own(headers, name);
  return value === null || value === undefined ? undefined : String(value);
}
