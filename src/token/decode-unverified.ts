import type { JsonObject } from "../encoding/json.ts";
import { MAX_TOKEN_BYTES, malformed, parseCompact, parsePayload, readPart } from "./compact.ts";

// Used again by each call, which keeps nothing of it: allocating takes a fifth of a decoding's time.
const scratch = new Uint8Array(2 * MAX_TOKEN_BYTES);

/**
 * Reads a token's header and payload and checks **nothing**: anyone can write such a token. Good for
 * a log-in hint or a debugging page, never for a decision.
 *
 * @param token a compact serialization (RFC 7515 section 7.1) of at most 16,384 characters
 * @throws {TokenError} `token_missing`, `token_too_large` or `token_malformed`
 *
 * @example
 * ```ts
 * import { decodeUnverified } from "postern";
 *
 * const claimed = decodeUnverified("eyJhbGciOiJSUzI1NiJ9.eyJpc3MiOiJtZSJ9.").payload["iss"];
 * ```
 */
export function decodeUnverified(token: string): { header: JsonObject; payload: JsonObject } {
  const compact = parseCompact(token, MAX_TOKEN_BYTES, scratch);
  const header = readPart(compact.headerText);
  if (header === undefined) throw malformed("header");
  return { header, payload: parsePayload(compact) };
}
