import { decodeBase64UrlText, decodeWithin, writeAscii } from "../encoding/base64url.ts";
import { deepFreeze, type JsonObject, parseJsonObject } from "../encoding/json.ts";
import { TokenError, type TokenErrorDetails } from "../token-error.ts";

/** The default for `maxTokenBytes`: what a whole request head may hold on most servers. */
export const MAX_TOKEN_BYTES = 16_384;

const utf8 = new TextDecoder();

/**
 * The parts of a token (RFC 7515 section 7.1); nothing is verified yet. They are not decoded yet either:
 * the header may be known, and the payload can be decoded while the signature is being verified.
 */
export interface CompactToken {
  readonly text: string;
  readonly headerText: string;
  readonly payloadText: string;
  readonly signature: Uint8Array<ArrayBuffer>;
  /** The ASCII bytes of `header.payload` (RFC 7515 section 5.2, step 8). */
  readonly signingInput: Uint8Array<ArrayBuffer>;
  /** The ASCII bytes of the whole token, followed by the signature. */
  readonly bytes: Uint8Array<ArrayBuffer>;
}

/**
 * Splits a compact serialization, strictly, in linear time. Its length is bounded.
 *
 * @param buffer takes the bytes, with room for the token and its signature; by default a new one
 * @throws {TokenError} `token_missing`, `token_too_large` or `token_malformed`, for any value
 */
export function parseCompact(
  token: unknown,
  maxBytes: number = MAX_TOKEN_BYTES,
  buffer?: Uint8Array<ArrayBuffer>,
): CompactToken {
  if (token === undefined || token === null || token === "") throw new TokenError("token_missing");
  if (typeof token !== "string") throw malformed("token");
  // A well-formed token is ASCII: its length is its size in bytes.
  if (token.length > maxBytes) throw new TokenError("token_too_large", { expected: maxBytes });
  const first = token.indexOf(".");
  const second = token.indexOf(".", first + 1);
  if (second < 0 || token.includes(".", second + 1)) throw malformed("token");
  const { length } = token;
  // The token, followed by its decoded signature.
  const bytes = buffer ?? new Uint8Array(length + length - second);
  if (!writeAscii(token, bytes)) {
    const at = token.search(/[^\0-\x7f]/);
    if (at < first) throw malformed("header");
    throw malformed(at < second ? "payload" : "signature");
  }
  const signature = decodeWithin(bytes, second + 1, length, length);
  if (signature === undefined) throw malformed("signature");
  return {
    text: token,
    headerText: token.slice(0, first),
    payloadText: token.slice(first + 1, second),
    signature,
    signingInput: bytes.subarray(0, second),
    bytes,
  };
}

/** The JSON object in a part, else `undefined`. */
export function readPart(text: string): JsonObject | undefined {
  const json = decodeBase64UrlText(text);
  return json === undefined ? undefined : parseJsonObject(json);
}

/**
 * The header, frozen and without a prototype, because foreign key sets read it.
 *
 * @throws {TokenError} `token_malformed`
 */
export function parseHeader(text: string): JsonObject {
  const header = readPart(text);
  if (header === undefined) throw malformed("header");
  return deepFreeze(Object.setPrototypeOf(header, null) as JsonObject);
}

/**
 * The payload, not frozen: freezing a forged one would waste time.
 *
 * @throws {TokenError} `token_malformed`
 */
export function parsePayload({ payloadText }: CompactToken): JsonObject {
  const payload = readPart(payloadText);
  if (payload === undefined) throw malformed("payload");
  return payload;
}

/** A copy of a token's first characters. A slice would keep alive all of the request's cookies. */
export function copyText({ bytes, text }: CompactToken, length: number = text.length): string {
  return utf8.decode(bytes.subarray(0, length));
}

export function malformed(part: TokenErrorDetails["part"]): TokenError {
  return new TokenError("token_malformed", { part });
}
