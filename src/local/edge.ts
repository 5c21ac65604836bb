import type { IncomingMessage, ServerResponse } from "node:http";
import type { Duplex } from "node:stream";
import type { Field } from "../proxy/fields.ts";
import { forward } from "../proxy/forward.ts";
import type { Refusal } from "../proxy/request-fault.ts";
import type { Target } from "../proxy/target.ts";
import { forwardUpgrade, refuseUpgrade } from "../proxy/upgrade.ts";
import { answerControls, type Controlled } from "./controls.ts";
import { cookieTokens, sessionCookie } from "./cookie.ts";
import { isSecret } from "./digest.ts";
import { isEdge, PSEUDONYM, toApplication } from "./fields.ts";
import { answerInspector } from "./inspector.ts";
import { answerLogin, logOut } from "./login.ts";
import type { Settled } from "./options.ts";
import { ownPath, refusal } from "./own-origin.ts";
import { sendJson, sendText, sendTo } from "./page.ts";
import type { Session, Sessions } from "./sessions.ts";
import { upgradeRefusal } from "./upgrade.ts";

/** The credentials of a service: `CF-Access-Client-Id` and `CF-Access-Client-Secret`. */
export interface ServiceToken {
  readonly clientId: string;
  readonly clientSecret: string;
}

/** Everything that stands between a client and the application. */
export interface Edge extends Controlled {
  readonly options: Settled;
  readonly target: Target;
  readonly port: number;
  readonly sessions: Sessions;
  readonly serviceToken: ServiceToken;
}

/** Answers a request: as an endpoint of Access, as its guard, or with what the application says. */
export async function answer(
  edge: Edge,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const refused = refusal(request, edge.port);
  if (refused !== undefined) return sendText(response, refused.status, refused.reason);
  if (isItsOwn(request)) return answerItself(edge, request, response);
  const entry = await enter(edge, request);
  if (entry === undefined) return askToLogIn(edge, request, response);
  if ("reason" in entry) return sendText(response, entry.status, entry.reason);
  forward(request, response, {
    target: edge.target,
    fields: toApplication(request, entry.session),
    isReserved: isEdge,
    added: entry.added,
    fail: ({ status, reason }) => sendText(response, status, reason),
  });
}

/** Answers a request to switch protocols. */
export async function answerUpgrade(
  edge: Edge,
  request: IncomingMessage,
  socket: Duplex,
  early: Buffer,
): Promise<void> {
  const refused = refusal(request, edge.port) ?? upgradeRefusal(request);
  if (refused !== undefined) return refuseUpgrade(socket, refused);
  if (isItsOwn(request)) return refuseUpgrade(socket, { status: 404, reason: NOTHING });
  const entry = await enter(edge, request);
  // A WebSocket cannot follow a redirect.
  if (entry === undefined) return refuseUpgrade(socket, { status: 401, reason: "Not logged in." });
  if ("reason" in entry) return refuseUpgrade(socket, entry);
  forwardUpgrade(request, socket, early, {
    target: edge.target,
    fields: toApplication(request, entry.session),
    fail: (failure) => refuseUpgrade(socket, failure),
  });
}

/** How an accepted request goes on, why it does not, or `undefined` when nobody is logged in. */
async function enter(
  { sessions, serviceToken }: Edge,
  request: IncomingMessage,
): Promise<{ session: Session; added: readonly Field[] } | Refusal | undefined> {
  const { headers } = request;
  if (headers.via?.includes(PSEUDONYM) === true) {
    return { status: 508, reason: "The target is Local Access itself." };
  }
  const { "cf-access-client-id": id, "cf-access-client-secret": secret } = headers;
  if (id === undefined && secret === undefined) {
    const session = sessions.find(cookieTokens(request));
    return session === undefined ? undefined : { session, added: [] };
  }
  const isId = isSecret(serviceToken.clientId, id);
  if (!isSecret(serviceToken.clientSecret, secret) || !isId) {
    return { status: 403, reason: "These are not the service token's credentials." };
  }
  const session = await sessions.openService(serviceToken.clientId);
  // So that the client need not send its secret every time.
  const cookie = sessionCookie(session.token, session.seconds);
  return { session, added: [["Set-Cookie", cookie]] };
}

function askToLogIn(edge: Edge, request: IncomingMessage, response: ServerResponse): void {
  const { headers, url = "/" } = request;
  response.setHeader("WWW-Authenticate", "Cloudflare-Access");
  // A script would get the log-in page where it expects data.
  if (headers["x-requested-with"]?.toString().toLowerCase() === "xmlhttprequest") {
    sendText(response, 401, "Not logged in.");
    return;
  }
  const query = new URLSearchParams({ kid: edge.options.audience, redirect_url: ownPath(url) });
  sendTo(response, 302, `/cdn-cgi/access/login/${headers.host}?${query}`);
}

async function answerItself(
  edge: Edge,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const [, name = "", rest = ""] = ENDPOINT.exec(request.url ?? "") ?? [];
  const allowed = METHODS[name];
  if (allowed === undefined) return sendText(response, 404, NOTHING);
  if (!allowed.includes(request.method ?? "")) {
    response.setHeader("Allow", allowed.join(", "));
    return sendText(response, 405, `The methods of this address: ${allowed.join(", ")}.`);
  }
  if (name === "login") return answerLogin(edge, request, response);
  if (name === "logout") return logOut(edge, request, response);
  if (name === "local" && rest === "/inspector") return answerInspector(response);
  if (name === "local") return answerControls(edge, rest, request, response);
  if (edge.conditions.outage) return sendText(response, 503, "There is an outage.");
  if (name === "certs") return sendJson(response, 200, edge.issuer.jwks());
  return tellIdentity(edge, request, response);
}

const NOTHING = "Access has nothing here.";

const ENDPOINT = /^\/cdn-cgi\/access\/([a-z-]+)(\/[^?]*)?(?:\?.*)?$/s;

const METHODS: { readonly [name: string]: readonly string[] } = {
  __proto__: null as never,
  certs: ["GET", "HEAD"],
  "get-identity": ["GET", "HEAD"],
  login: ["GET", "HEAD", "POST"],
  logout: ["GET"],
  local: ["GET", "HEAD", "POST"],
};

function tellIdentity(
  { sessions }: Edge,
  request: IncomingMessage,
  response: ServerResponse,
): void {
  const tokens = cookieTokens(request);
  const session = sessions.find(tokens);
  if (session !== undefined) sendJson(response, 200, session.identity);
  else if (tokens.length === 0) sendJson(response, 400, { err: "no app token set" });
  else sendJson(response, 403, { err: "the session does not stand" });
}

/** The vendor keeps this prefix for itself, on every host. */
function isItsOwn({ url = "/" }: IncomingMessage): boolean {
  return url.startsWith("/cdn-cgi/");
}
