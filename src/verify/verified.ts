import { type Principal, readPrincipal } from "../access/principal.ts";
import { deepFreeze, type JsonObject } from "../encoding/json.ts";
import type { JwtHeader, JwtPayload, VerifiedToken } from "../token/types.ts";
import type { Entry } from "./settle.ts";

/** What a verification ends in; for a team it has a principal. */
export type Verified = VerifiedToken & { readonly principal?: Principal };

/**
 * Makes the result of claims and a (frozen) header that passed. It is frozen all the way down, because it is
 * handed to everyone who brings the same token.
 *
 * @throws {TokenError} `claim_invalid` when an Access token names nobody
 */
export function verifiedToken(payload: JsonObject, header: JwtHeader, entry: Entry): Verified {
  const { issuer, tokenType } = entry;
  const claims = deepFreeze(payload) as JwtPayload;
  if (tokenType === undefined) return Object.freeze({ payload: claims, header, issuer });
  const principal = Object.freeze(readPrincipal(payload, issuer));
  return Object.freeze({ payload: claims, header, issuer, principal });
}
