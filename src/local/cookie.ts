import type { IncomingMessage } from "node:http";
import { readAccessToken } from "../access/request.ts";

// Not "Secure": this is plain HTTP on loopback. "Lax", so that a link from elsewhere finds the session.
const ATTRIBUTES = "Path=/; HttpOnly; SameSite=Lax";

/** The `Set-Cookie` of a session. */
export function sessionCookie(token: string, seconds: number): string {
  return `CF_Authorization=${token}; Max-Age=${seconds}; ${ATTRIBUTES}`;
}

/** The `Set-Cookie` that ends it. */
export const ENDED_COOKIE: string = `CF_Authorization=; Max-Age=0; ${ATTRIBUTES}`;

/** The tokens in the request's cookies, and nowhere else. */
export function cookieTokens({ headers }: IncomingMessage): readonly string[] {
  return readAccessToken({ cookie: headers.cookie });
}
