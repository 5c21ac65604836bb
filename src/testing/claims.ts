import { encodeBase64Url } from "../encoding/base64url.ts";
import { own } from "../own.ts";
import { toHex, utf8 } from "./der.ts";

/** Claims to add to a token or to replace; `undefined` leaves a claim out. */
export type ClaimOverrides = { readonly [claim: string]: unknown };

/** The issuer, the audience and the time: seconds since the epoch. */
export interface Occasion {
  readonly issuer: string;
  readonly audience: string;
  readonly now: number;
}

/** How long a session lasts by default. */
const SESSION_SECONDS = 86_400;

/**
 * The claims of a person's application token.
 *
 * @see https://developers.cloudflare.com/cloudflare-one/identity/authorization-cookie/application-token/
 */
export async function userClaims(
  { issuer, audience, now }: Occasion,
  claims: ClaimOverrides = {},
): Promise<ClaimOverrides> {
  const given = own(claims, "email");
  const email = typeof given === "string" ? given : "user@example.com";
  return {
    aud: [audience],
    email,
    exp: now + SESSION_SECONDS,
    iat: now,
    nbf: now,
    iss: issuer,
    type: "app",
    identity_nonce: nonce(),
    sub: await subjectOf(email),
    country: "US",
    ...claims,
  };
}

/** The claims of a service token: no `email`, no `nbf`, and a `sub` that is empty. */
export function serviceClaims(
  { issuer, audience, now }: Occasion,
  name: string,
  claims: ClaimOverrides = {},
): ClaimOverrides {
  return {
    type: "app",
    aud: [audience],
    exp: now + SESSION_SECONDS,
    iat: now,
    iss: issuer,
    common_name: name,
    sub: "",
    ...claims,
  };
}

/** The claims of the whole authentication domain's session: same issuer, same keys, other audience. */
export async function orgClaims(
  occasion: Occasion,
  claims: ClaimOverrides = {},
): Promise<ClaimOverrides> {
  const user = await userClaims(occasion, claims);
  const idp = { id: "onetimepin", type: "onetimepin" };
  const identity = { email: user["email"], groups: [], idp };
  return { ...user, type: "org", country: undefined, identity, ...claims };
}

/** How long the token of a visitor who is not logged in lasts. */
const META_SECONDS = 300;

/**
 * The claims of the `meta` token, which every visitor who is not logged in is given on the way to the
 * log-in page. It names the application and no user: no `iss`, no `sub`, no `email`.
 */
export function metaClaims(
  { issuer, audience, now }: Occasion,
  claims: ClaimOverrides = {},
): ClaimOverrides {
  return {
    type: "meta",
    aud: audience,
    hostname: new URL(issuer).host,
    redirect_url: "/",
    auth_status: "NONE",
    service_token_status: false,
    is_warp: false,
    is_gateway: false,
    mtls_auth: { cert_issuer_dn: "", cert_serial: "", cert_issuer_ski: "", auth_status: "NONE" },
    real_country: "US",
    app_session_hash: randomHex(32),
    iat: now,
    nbf: now,
    exp: now + META_SECONDS,
    ...claims,
  };
}

/** What Access asks an external evaluation endpoint: about a person who has yet to be let in. */
export function evaluationClaims({ issuer, now }: Occasion): ClaimOverrides {
  const identity = { email: "user@example.com", geo: { country: "US" }, auth_status: "NONE" };
  return { identity, iss: issuer, iat: now, exp: now + META_SECONDS, nonce: nonce() };
}

/** A client id as Access names service tokens. */
export function randomServiceName(): string {
  return `${randomHex(16)}.access`;
}

/** An application's AUD tag: 64 hexadecimal digits. */
export function randomTag(): string {
  return randomHex(32);
}

function randomHex(bytes: number): string {
  return toHex(crypto.getRandomValues(new Uint8Array(bytes)));
}

function nonce(): string {
  return encodeBase64Url(crypto.getRandomValues(new Uint8Array(12)));
}

/** One person always has one `sub`: a UUID made from the address (RFC 9562 section 5.8). */
async function subjectOf(email: string): Promise<string> {
  const digits = toHex(new Uint8Array(await crypto.subtle.digest("SHA-256", utf8(email))));
  const cut = (from: number, to: number): string => digits.slice(from, to);
  return `${cut(0, 8)}-${cut(8, 12)}-8${cut(12, 15)}-8${cut(15, 18)}-${cut(18, 30)}`;
}
