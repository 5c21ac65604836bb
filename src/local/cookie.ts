import type { IncomingMessage } from "node:http";
import { readAccessToken } from "../access/request.ts";

// Not "Secure", because this is plain HTTP. "Lax", so that the session also works after a link from another site.
const ATTRIBUTES = "Path=/; HttpOnly; SameSite=Lax";

/** The `Set-Cookie` of a session. */
export function sessionCookie(token: string, seconds: number): string {
  return `CF_Authorization=${token}; Max-Age=${seconds}; ${ATTRIBUTES}`;
}

/** The `Set-Cookie` that deletes the cookie. */
export const ENDED_COOKIE: string = `CF_Authorization=; Max-Age=0; ${ATTRIBUTES}`;

/** Reads the tokens in the request's cookies, and in no other place. */
export function cookieTokens({ headers }: IncomingMessage): readonly string[] {
  return readAccessToken({ cookie: headers.cookie });
}
