import { encodeBase64Url } from "../encoding/base64url.ts";
import { own } from "../own.ts";
import { toHex, utf8 } from "./der.ts";

/** Claims to add or replace in a token; `undefined` leaves a claim out. */
export type ClaimOverrides = { readonly [claim: string]: unknown };

/** The issuer, the audience, and the time in seconds since the epoch. */
export interface Occasion {
  readonly issuer: string;
  readonly audience: string;
  readonly now: number;
}

/** The default length of a session. */
const SESSION_SECONDS = 86_400;

/**
 * The claims of a user's application token.
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

/** The claims of a service token: no `email`, no `nbf`, and an empty `sub`. */
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

/** The claims of a session with the team domain: the same issuer and keys, but another audience. */
export async function orgClaims(
  occasion: Occasion,
  claims: ClaimOverrides = {},
): Promise<ClaimOverrides> {
  const user = await userClaims(occasion, claims);
  const idp = { id: "onetimepin", type: "onetimepin" };
  const identity = { email: user["email"], groups: [], idp };
  return { ...user, type: "org", country: undefined, identity, ...claims };
}

/** The lifetime of a `meta` token. */
const META_SECONDS = 300;

/**
 * The claims of the `meta` token. Access gives it to every visitor who is not logged in, in the address
 * of the log-in page. It names the application, but has no `iss`, no `sub` and no `email`.
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

/** The claims that Access sends to an external evaluation endpoint, to ask whether to let a user in. */
export function evaluationClaims({ issuer, now }: Occasion): ClaimOverrides {
  const identity = { email: "user@example.com", geo: { country: "US" }, auth_status: "NONE" };
  return { identity, iss: issuer, iat: now, exp: now + META_SECONDS, nonce: nonce() };
}

/** A client id in the format of a service token's. */
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

/** A UUID made from the e-mail address, so that a user always has the same `sub` (RFC 9562 section 5.8). */
async function subjectOf(email: string): Promise<string> {
  const digits = toHex(new Uint8Array(await crypto.subtle.digest("SHA-256", utf8(email))));
  const cut = (from: number, to: number): string => digits.slice(from, to);
  return `${cut(0, 8)}-${cut(8, 12)}-8${cut(12, 15)}-8${cut(15, 18)}-${cut(18, 30)}`;
}
