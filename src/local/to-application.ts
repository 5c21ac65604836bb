import type { IncomingMessage } from "node:http";
import { endToEnd, type Field, values } from "../proxy/fields.ts";
import type { Session } from "./sessions.ts";

/** Headers that only the emulator sets, so a client's are removed. */
const EDGE =
  /^(?:cf[-_](?:access|connecting)[-_]|x[-_]forwarded[-_](?:host|proto|port)$|forwarded$)/;

/** The emulator's name in `Via` (RFC 9110 section 7.6.3). */
export const PSEUDONYM = "postern-local";

const REPLACED = new Set(["host", "x-forwarded-for", "via", "cookie", "content-length", "expect"]);

/** Whether only the emulator may set this header. */
export function isEdge(name: string): boolean {
  // A gateway that turns headers into variables mixes up "-" and "_" (RFC 3875 section 4.1.18).
  return EDGE.test(name.toLowerCase());
}

/**
 * Builds the headers for the application. It first removes the headers of this connection and those that
 * only the emulator may set. Then it adds its own, so that a client's `Connection` cannot remove them.
 */
export function toApplication(request: IncomingMessage, session: Session | undefined): Field[] {
  const passed = endToEnd(request.rawHeaders).filter(([name]) => !isEdge(name));
  const kept = passed.filter(([name]) => !REPLACED.has(name.toLowerCase()));
  const host = request.headers.host ?? "";
  const client = request.socket.remoteAddress ?? "127.0.0.1";
  const added: Field[] = [
    ["Host", host],
    ["X-Forwarded-For", [...values(passed, "x-forwarded-for"), client].join(", ")],
    ["X-Forwarded-Host", host],
    ["X-Forwarded-Proto", "http"],
    ["CF-Connecting-IP", client],
    ["Via", [...values(passed, "via"), `${request.httpVersion} ${PSEUDONYM}`].join(", ")],
  ];
  const cookie = cookies(values(passed, "cookie"), session?.token);
  if (cookie !== "") added.push(["Cookie", cookie]);
  if (session !== undefined) added.push(["Cf-Access-Jwt-Assertion", session.token]);
  if (session?.email !== undefined) {
    added.push(["Cf-Access-Authenticated-User-Email", session.email]);
  }
  return [...kept, ...added];
}

/** The client's cookies, but with the verified token instead of the client's `CF_Authorization`. */
function cookies(lines: readonly string[], token: string | undefined): string {
  const others = lines
    .flatMap((line) => line.split(";"))
    .map((pair) => pair.trim())
    // Some frameworks ignore the case of cookie names and would read such a cookie as a second token.
    .filter((pair) => pair !== "" && !/^cf_(?:authorization|binding)\s*(?:=|$)/i.test(pair));
  return [...(token === undefined ? [] : [`CF_Authorization=${token}`]), ...others].join("; ");
}
