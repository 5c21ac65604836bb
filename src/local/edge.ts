import type { IncomingMessage, ServerResponse } from "node:http";
import type { Duplex } from "node:stream";
import type { Field } from "../proxy/fields.ts";
import { forward } from "../proxy/forward.ts";
import { answerLast } from "../proxy/pipeline.ts";
import type { Refusal } from "../proxy/request-fault.ts";
import type { Target } from "../proxy/target.ts";
import { forwardUpgrade, refuseUpgrade } from "../proxy/upgrade.ts";
import { answerControls, type Controlled } from "./controls.ts";
import { cookieTokens, sessionCookie } from "./cookie.ts";
import {
  asksForDocument,
  BEARER,
  CLOUDFLARE_ACCESS,
  challenge,
  describeResource,
  documentOf,
} from "./discovery.ts";
import { answerInspector } from "./inspector.ts";
import { answerLogin, logOut } from "./login.ts";
import type { Settled } from "./options.ts";
import { ownPath, refusal, upgradeRefusal } from "./own-origin.ts";
import { sendJson, sendText, sendTo } from "./page.ts";
import { judgeCredentials, type ServiceToken } from "./service-credentials.ts";
import type { Session, Sessions } from "./sessions.ts";
import { isEdge, PSEUDONYM, toApplication } from "./to-application.ts";

/** The state of the emulator. */
export interface Edge extends Controlled {
  readonly options: Settled;
  readonly port: number;
  readonly target: Target;
  readonly sessions: Sessions;
  readonly serviceToken: ServiceToken;
}

/** Answers a request as an endpoint of Access, refuses it, or forwards it to the application. */
export async function answer(
  edge: Edge,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const refused = refusal(request, edge.port);
  if (refused !== undefined) {
    answerLast(response);
    return sendText(response, refused.status, refused.reason);
  }
  if (isItsOwn(request)) return answerItself(edge, request, response);
  if (request.method === "OPTIONS" && edge.options.bypassOptionsRequests) {
    return passOn(edge, request, response, {});
  }
  const entry = await enter(edge, request);
  if (entry === undefined) return askToLogIn(edge, request, response);
  if ("reason" in entry) {
    if (entry.status === 401) response.setHeader(...challengeOf(edge, request));
    return sendText(response, entry.status, entry.reason);
  }
  passOn(edge, request, response, entry);
}

/** What is known about a request that is forwarded. */
interface Entry {
  /** `undefined` when the request was not checked. */
  readonly session?: Session;
  /** Headers to add to the application's response. */
  readonly added?: readonly Field[];
}

function passOn(
  { target }: Edge,
  request: IncomingMessage,
  response: ServerResponse,
  { session, added = [] }: Entry,
): void {
  forward(request, response, {
    target,
    fields: toApplication(request, session),
    isReserved: isEdge,
    added,
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
  const passage = entry ?? { status: 401, reason: NOBODY };
  if ("reason" in passage) {
    const added = passage.status === 401 ? [challengeOf(edge, request)] : [];
    return refuseUpgrade(socket, passage, added);
  }
  forwardUpgrade(request, socket, early, {
    target: edge.target,
    fields: toApplication(request, passage.session),
    fail: (failure) => refuseUpgrade(socket, failure),
  });
}

/** Returns the session of a request, the reason for a refusal, or `undefined` when it is not logged in. */
async function enter(
  { sessions, serviceToken, options }: Edge,
  request: IncomingMessage,
): Promise<Required<Entry> | Refusal | undefined> {
  if (request.headers.via?.includes(PSEUDONYM) === true) {
    return { status: 508, reason: "The target is Local Access itself." };
  }
  const { strictServiceTokens: isStrict } = options;
  const credentials = judgeCredentials(request, serviceToken);
  if (credentials === "right") {
    const session = await sessions.openService(serviceToken.clientId);
    if (isStrict) return { session, added: [] };
    // With the cookie, the client does not have to send its secret every time.
    const cookie = sessionCookie(session.token, session.seconds);
    return { session, added: [["Set-Cookie", cookie]] };
  }
  // A service with wrong credentials gets an error. A cookie does not replace its secret.
  if (isStrict && credentials !== "none") return { status: 401, reason: REFUSED[credentials] };
  const session = sessions.find(cookieTokens(request));
  return session === undefined ? undefined : { session, added: [] };
}

const NOBODY = "Not logged in.";

const REFUSED = {
  wrong: "The credentials of the service token are wrong.",
  unclear: "There is more than one credential.",
};

/** The challenge from which a client learns how to log in. */
function challengeOf({ options }: Edge, request: IncomingMessage): Field {
  return challenge(request, options.managedOAuth ? BEARER : CLOUDFLARE_ACCESS);
}

async function askToLogIn(
  edge: Edge,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const { headers, method, url = "/" } = request;
  if (method === "OPTIONS" && headers["access-control-request-method"] !== undefined) {
    // Browsers send no cookie with a preflight, so a log-in cannot help.
    return sendText(response, 403, "A preflight request is refused.");
  }
  if (edge.options.managedOAuth && !isBrowser(request)) {
    response.setHeader(...challengeOf(edge, request));
    const body = { error: "invalid_token", resource_metadata: documentOf(request) };
    return sendJson(response, 401, body);
  }
  // A script expects data, not the log-in page.
  const isScript = headers["x-requested-with"]?.toString().toLowerCase() === "xmlhttprequest";
  response.setHeader(...challenge(request, CLOUDFLARE_ACCESS));
  if (isScript) return sendText(response, 401, NOBODY);
  const redirect_url = ownPath(url);
  const aud = edge.conditions.audience;
  const meta = await edge.issuer.metaToken({
    aud,
    hostname: headers.host?.replace(/:\d+$/, ""),
    // The redirect also contains the path itself, and must stay short enough for a header.
    redirect_url: redirect_url.length > 512 ? "/" : redirect_url,
  });
  const query = new URLSearchParams({ kid: aud, meta, redirect_url });
  sendTo(response, 302, `/cdn-cgi/access/login/${headers.host}?${query}`);
}

/** Whether the client is a browser that can show a log-in page. How Access decides this is not known. */
function isBrowser({ headers }: IncomingMessage): boolean {
  const asksForPage = headers.accept?.includes("text/html") === true;
  return headers["sec-fetch-mode"] === "navigate" || asksForPage;
}

async function answerItself(
  edge: Edge,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  if (asksForDocument(request)) return answerDocument(edge, request, response);
  const [, name = "", rest = ""] = ENDPOINT.exec(request.url ?? "") ?? [];
  const allowed = METHODS[name];
  if (allowed === undefined) return sendText(response, 404, NOTHING);
  if (!allowed.includes(request.method ?? "")) return refuseMethod(response, allowed);
  if (name === "login") return answerLogin(edge, request, response);
  if (name === "logout") return logOut(edge, request, response);
  if (name === "local" && rest === "/inspector") return answerInspector(edge, request, response);
  if (name === "local") return answerControls(edge, rest, request, response);
  if (edge.conditions.outage) return sendText(response, 503, "This is a simulated outage.");
  if (name === "certs") return sendJson(response, 200, edge.issuer.jwks());
  return tellIdentity(edge, request, response);
}

function answerDocument(edge: Edge, request: IncomingMessage, response: ServerResponse): void {
  if (READ_ONLY.includes(request.method ?? "")) {
    sendJson(response, 200, describeResource(edge, request));
  } else {
    refuseMethod(response, READ_ONLY);
  }
}

function refuseMethod(response: ServerResponse, allowed: readonly string[]): void {
  response.setHeader("Allow", allowed.join(", "));
  sendText(response, 405, `This address allows only ${allowed.join(", ")}.`);
}

const READ_ONLY = ["GET", "HEAD"];

const NOTHING = "There is nothing at this address.";

const ENDPOINT = /^\/cdn-cgi\/access\/([a-z-]+)(\/[^?]*)?(?:\?.*)?$/s;

const METHODS: { readonly [name: string]: readonly string[] } = {
  __proto__: null as never,
  certs: READ_ONLY,
  "get-identity": READ_ONLY,
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
  else sendJson(response, 403, { err: "the session is not valid" });
}

/** Whether the path belongs to Access itself, as it does on every host. */
function isItsOwn(request: IncomingMessage): boolean {
  return request.url?.startsWith("/cdn-cgi/") === true || asksForDocument(request);
}
