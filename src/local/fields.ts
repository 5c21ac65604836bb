import type { IncomingMessage } from "node:http";
import { foldedName } from "../http/field-name.ts";
import { endToEnd, type Field, values } from "../proxy/fields.ts";
import type { Session } from "./sessions.ts";

/** What the edge says of a request itself, so that nobody else may say it. */
const EDGE = /^(?:cf-(?:access|connecting)-|x-forwarded-(?:host|proto|port)$|forwarded$)/;

/** How the emulator names itself in `Via` (RFC 9110 section 7.6.3). */
export const PSEUDONYM = "postern-local";

/** Whether only the edge may say this of a request, in whichever spelling. */
export function isEdge(name: string): boolean {
  return EDGE.test(foldedName(name));
}

/**
 * The fields of a request as the edge hands it to the application: what was for this connection is
 * gone, what only the edge may say is replaced by what it says. In this order, so that a client's
 * `Connection` names nothing that is added.
 */
export function toApplication(request: IncomingMessage, session: Session): Field[] {
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
    ["Cookie", cookies(values(passed, "cookie"), session.token)],
    ["Cf-Access-Jwt-Assertion", session.token],
  ];
  if (session.email !== undefined) {
    added.push(["Cf-Access-Authenticated-User-Email", session.email]);
  }
  return [...kept, ...added];
}

const REPLACED = new Set(["host", "x-forwarded-for", "via", "cookie", "content-length", "expect"]);

/** The client's cookies, with the one true token in place of whatever it sent under that name. */
function cookies(lines: readonly string[], token: string): string {
  const others = lines
    .flatMap((line) => line.split(";"))
    .map((pair) => pair.trim())
    // Some frameworks are careless about a name's case: then a second spelling would be a second token.
    .filter((pair) => pair !== "" && !/^cf_(?:authorization|binding)\s*(?:=|$)/i.test(pair));
  return [`CF_Authorization=${token}`, ...others].join("; ");
}
