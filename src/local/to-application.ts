import type { IncomingMessage } from "node:http";
import { endToEnd, type Field, values } from "../proxy/fields.ts";
import type { Session } from "./sessions.ts";

/** What the edge says of a request itself, so that no client can say it. */
const EDGE =
  /^(?:cf[-_](?:access|connecting)[-_]|x[-_]forwarded[-_](?:host|proto|port)$|forwarded$)/;

/** How the emulator names itself in `Via` (RFC 9110 section 7.6.3). */
export const PSEUDONYM = "postern-local";

const REPLACED = new Set(["host", "x-forwarded-for", "via", "cookie", "content-length", "expect"]);

/** Whether only the edge may say this. */
export function isEdge(name: string): boolean {
  // A gateway that makes variables of fields cannot tell "-" from "_" (RFC 3875 section 4.1.18).
  return EDGE.test(name.toLowerCase());
}

/**
 * The fields of a request as the edge hands it to the application: what was for this connection is
 * gone, what only the edge may say is replaced by what it says. In this order, so that a client's
 * `Connection` names nothing that is added.
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

/** The client's cookies, with the one true token in place of whatever it sent under that name. */
function cookies(lines: readonly string[], token: string | undefined): string {
  const others = lines
    .flatMap((line) => line.split(";"))
    .map((pair) => pair.trim())
    // Some frameworks are careless about a name's case: then a second spelling would be a second token.
    .filter((pair) => pair !== "" && !/^cf_(?:authorization|binding)\s*(?:=|$)/i.test(pair));
  return [...(token === undefined ? [] : [`CF_Authorization=${token}`]), ...others].join("; ");
}
