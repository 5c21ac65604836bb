import { own } from "../own.ts";

/** The headers of a request of either shape, the web's or Node's. */
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
 * The value of a header, several joined by commas; `undefined` when it is absent.
 *
 * @param name in lower case, as Node spells names; a pseudo-header's is only ever in Node's
 */
export function readHeader(headers: AnyHeaders | undefined, name: string): string | undefined {
  if (headers === undefined || (name.startsWith(":") && isWebHeaders(headers))) return undefined;
  const value = isWebHeaders(headers) ? headers.get(name) : own(headers, name);
  return value === null || value === undefined ? undefined : String(value);
}
