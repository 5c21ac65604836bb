import { encodeBase64Url } from "../encoding/base64url.ts";
import { type Bytes, utf8 } from "./der.ts";

/** Turns a signing input into a signature. */
export type Sign = (input: Bytes) => Promise<Bytes>;

/** A header or payload. A string or bytes are used unchanged, and any other value becomes JSON. */
export type Part = string | Bytes | object | number | boolean | null;

/** Signs a header and a payload (RFC 7515 section 7.1). */
export async function seal(header: Part, payload: Part, sign: Sign): Promise<string> {
  const input = `${encodePart(header)}.${encodePart(payload)}`;
  return `${input}.${encodeBase64Url(await sign(utf8(input)))}`;
}

export function encodePart(part: Part): string {
  if (part instanceof Uint8Array) return encodeBase64Url(part);
  return encodeBase64Url(utf8(typeof part === "string" ? part : JSON.stringify(part)));
}
