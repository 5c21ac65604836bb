import type { JsonObject } from "../encoding/json.ts";
import { own } from "../own.ts";
import { namesService } from "../token/claims.ts";
import { TokenError } from "../token-error.ts";

/**
 * Who an accepted token is for. An identity is the issuer *and* the id: two teams can each
 * have a user with one email address.
 */
export type Principal =
  | {
      readonly kind: "user";
      /** The `sub` claim. It changes when a user is removed and added again. */
      readonly id: string;
      /** An address can be given to someone else one day. */
      readonly email: string;
      readonly issuer: string;
      /** Two letters (ISO 3166-1), where the log-in came from. */
      readonly country?: string | undefined;
    }
  | {
      readonly kind: "service";
      /** The `common_name` claim, the token's client id: `<id>.access`. */
      readonly id: string;
      readonly name: string;
      readonly issuer: string;
    };

/**
 * Says who an Access token is for.
 *
 * @throws {TokenError} `claim_invalid` when it names neither a user nor a service
 */
export function readPrincipal(payload: JsonObject, issuer: string): Principal {
  const sub = own(payload, "sub");
  const email = own(payload, "email");
  if (typeof sub === "string" && sub !== "") {
    if (typeof email !== "string" || email === "") throw nobody("email");
    const country = own(payload, "country");
    return typeof country === "string"
      ? { kind: "user", id: sub, email, issuer, country }
      : { kind: "user", id: sub, email, issuer };
  }
  if (!namesService(payload)) throw nobody("sub");
  const name = own(payload, "common_name") as string;
  return { kind: "service", id: name, name, issuer };
}

function nobody(claim: string): TokenError {
  return new TokenError("claim_invalid", { claim, verified: true, expected: "non-empty string" });
}
