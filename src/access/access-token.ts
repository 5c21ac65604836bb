import type { JwtPayload, VerifiedToken } from "../token/types.ts";
import type { Principal } from "./principal.ts";

/**
 * The claims of an Access application token.
 *
 * @typeParam C what the identity provider adds under `custom`
 * @see https://developers.cloudflare.com/cloudflare-one/identity/authorization-cookie/application-token/
 */
export interface AccessPayload<C = unknown> extends JwtPayload {
  type?: string | undefined;
  /** Users only. */
  email?: string | undefined;
  country?: string | undefined;
  identity_nonce?: string | undefined;
  /** Service tokens, and users with a client certificate. */
  common_name?: string | undefined;
  /** Claims of the identity provider that were chosen for the application. */
  custom?: C | undefined;
}

/** An Access token that passed every check. It is deep-frozen. */
export interface VerifiedAccessToken<C = unknown> extends VerifiedToken<AccessPayload<C>> {
  readonly principal: Principal;
}
