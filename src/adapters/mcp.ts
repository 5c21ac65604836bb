/**
 * Guards an MCP server over streamable HTTP, on Node and wherever a server takes web requests.
 *
 * @module postern/mcp
 */

import type { IncomingMessage, ServerResponse } from "node:http";
import { functionOptions, mistake, readOptions } from "../caller-mistakes.ts";
import { TokenError } from "../errors.ts";
import { endingAt, onceOver } from "./deadline.ts";
import {
  ACCESS_OPTIONS,
  type AccessOptions,
  createGate,
  type RequestVerifier,
  tell,
} from "./gate.ts";
import { isWebHeaders } from "./headers.ts";
import { type AuthInfo, authInfoOf, endOf, ownerOf } from "./mcp-auth.ts";
import { discoveryOption, type ResourceMetadata, resourceOption } from "./mcp-metadata.ts";
import { createSessions, type Holder, NO_SESSION, sessionOf } from "./mcp-sessions.ts";
import { respond } from "./node-response.ts";
import { nodePath, webPath } from "./public-paths.ts";
import { type Answer, type Rejection, rejectionOf, toResponse } from "./rejection.ts";
import { waitUntilOf } from "./wait-until.ts";

export type { AccessOptions, RequestVerifier } from "./gate.ts";
export { type AuthInfo, principalOf } from "./mcp-auth.ts";
export type { ResourceMetadata } from "./mcp-metadata.ts";
export type { PublicPaths } from "./public-paths.ts";

/** A request of Node's, as the SDK's transport takes it. */
export interface McpRequest<T = unknown> extends IncomingMessage {
  originalUrl?: string;
  /** What the transport hands to tools. */
  auth?: AuthInfo;
  /** The verified token. */
  access?: T | undefined;
}

/** What the guard of an MCP server can be told. */
export interface McpOptions extends AccessOptions<IncomingMessage | Request> {
  /**
   * The address of the server, such as `"https://app.example.com/mcp"`: an https URL, or http on
   * loopback, without query and fragment. Tools find it at `authInfo.resource`.
   */
  resource?: string | URL | undefined;
  /**
   * What the server says of itself to clients that log in by OAuth. With it a 401 names the document of
   * RFC 9728, and the guard answers that, without a token, at `/.well-known/oauth-protected-resource`
   * and at the same followed by the path of `resource`. Leave it out where Managed OAuth is on: then the
   * edge says all that. Nothing is announced
   */
  resourceMetadata?: ResourceMetadata | undefined;
  /** Is told the id of a session that is over, to close its transport. What it throws changes nothing. */
  onSessionEnd?: ((id: string) => void) | undefined;
}

/** Guards requests of either kind. */
export interface McpGuard<T> {
  /**
   * A web request: `handle` is called with what the transport takes as `authInfo`, and only then.
   *
   * @param context a Worker's `ctx`: its `waitUntil` keeps a refresh of keys alive
   */
  (
    request: Request,
    handle: (auth: AuthInfo | undefined, access: T | undefined) => Response | Promise<Response>,
    context?: unknown,
  ): Promise<Response>;
  /**
   * Middleware of Connect's kind: puts what the transport takes at `request.auth`. Where `next` fails, or
   * what it returns is rejected, that is logged and answered 500.
   */
  (
    request: McpRequest<T>,
    response: ServerResponse,
    next: (error?: unknown) => unknown,
  ): Promise<void>;
}

interface Answered {
  readonly answer: Answer;
}

interface Admitted<T> {
  readonly answer: undefined;
  readonly holder: Holder;
  readonly access: T | undefined;
  readonly auth: AuthInfo | undefined;
}

/** How long a request may go on, in milliseconds, whose token was over and still in its grace. */
const GRACE_MS = 60_000;

/**
 * Guards an MCP server of the MCP SDK over streamable HTTP. Every request is verified, and tools find
 * who calls in `extra.authInfo`. A session belongs to the principal that opened it: to anyone else it is
 * "Session not found" (404). It ends, and so do its streams, when the token is over; a later token of its
 * owner keeps it open. Sessions are remembered by this guard, at most 10,000 at once.
 *
 * An exception of your own `check` is answered 500 and logged.
 *
 * @throws {TypeError} at once, for an option that is wrong
 *
 * @example
 * ```ts
 * import { createServer } from "node:http";
 * import { createVerifier } from "postern";
 * import { requireAccess } from "postern/mcp";
 *
 * const verifier = createVerifier({ team: "acme", audience: "4714c1358e65fe4b408ad6d432a5f878" });
 * const guard = requireAccess(verifier);
 *
 * createServer((request, response) =>
 *   guard(request, response, async () => {
 *     // await transport.handleRequest(request, response);
 *   }),
 * );
 * ```
 */
export function requireAccess<T>(
  verifier: RequestVerifier<T>,
  options: McpOptions = {},
): McpGuard<T> {
  const names = [...ACCESS_OPTIONS, "resource", "resourceMetadata", "onSessionEnd"] as const;
  const settled = readOptions<McpOptions>(options, names);
  const { resource: address, resourceMetadata, onSessionEnd, ...shared } = settled;
  functionOptions({ onSessionEnd }, ["onSessionEnd"]);
  const gate = createGate<T, IncomingMessage | Request>(verifier, shared);
  const resource = address === undefined ? undefined : resourceOption(address);
  const discovery =
    resourceMetadata === undefined ? undefined : discoveryOption(address, resourceMetadata);
  const sessions = createSessions(onSessionEnd);

  /** What to answer, or whose the request is. What it returns has every member as its own. */
  async function decide(
    request: McpRequest<T> | Request,
    path: string | undefined,
    context?: unknown,
  ): Promise<Answered | Admitted<T>> {
    const document = discovery?.answer(path, request.method);
    if (document !== undefined) return { answer: document };
    const { access, rejection } = await gate(request, path, waitUntilOf(context));
    if (rejection?.isFault) console.error(rejection.error);
    if (rejection !== undefined) return { answer: challenge(rejection, discovery?.url) };
    const verified = access as (T & object) | undefined;
    const [end, now] = [endOf(verified), Date.now()];
    const holder = { owner: ownerOf(verified), until: end > now ? end : now + GRACE_MS };
    if (!sessions.admits(request.headers, holder)) {
      const cause = new Error("the session is over, or another principal's");
      tell(() => shared.onReject?.(new TokenError("forbidden", { cause }), request));
      return { answer: NO_SESSION };
    }
    const auth = verified && authInfoOf(verified, request.headers, resource);
    return { answer: undefined, holder, access: verified, auth };
  }

  async function onWeb(request: Request, handle: unknown, context: unknown): Promise<Response> {
    if (typeof handle !== "function") throw mistake("handle", "a function", handle);
    const decision = await decide(request, webPath(request), context);
    if (decision.answer !== undefined) return bodiless(decision.answer);
    const response: Response = await handle(decision.auth, decision.access);
    sessions.note(response.headers.get("mcp-session-id"), decision.holder);
    return endingAt(response, decision.holder.until);
  }

  async function onNode(
    request: McpRequest<T>,
    response: ServerResponse,
    next: (error?: unknown) => unknown,
  ): Promise<void> {
    const decision = await decide(request, nodePath(request));
    if (decision.answer !== undefined) {
      // Another time limit may have answered while the keys were waited for.
      if (!response.headersSent) respond(response, decision.answer);
      return;
    }
    const { holder, access, auth } = decision;
    request.access = access;
    if (auth !== undefined) request.auth = auth;
    watchHead(response, (id) => sessions.note(id, holder));
    const stop = onceOver(
      () => holder.until,
      () => response.destroy(),
    );
    response.once("close", stop);
    try {
      await next();
    } catch (cause) {
      // Node ignores the promise of a listener: a rejection would end the process.
      console.error(cause);
      if (response.headersSent) response.destroy();
      else respond(response, rejectionOf(new Error("the handler failed", { cause })));
    }
  }

  return ((request: McpRequest<T> & Request, other: never, more: never) =>
    isWebHeaders(request.headers)
      ? onWeb(request, other, more)
      : onNode(request, other, more)) as McpGuard<T>;
}

/** Says where the document is, and leaves the rest of a challenge as it was. */
function challenge(rejection: Rejection, document: string | undefined): Rejection {
  const { "www-authenticate": challenge, ...headers } = rejection.headers;
  if (challenge === undefined || document === undefined) return rejection;
  const named = `${challenge}, resource_metadata="${document}"`;
  return { ...rejection, headers: { ...headers, "www-authenticate": named } };
}

/** A 204 may have no body, not even an empty one. */
function bodiless(answer: Answer): Response {
  if (answer.status !== 204) return toResponse(answer);
  return new Response(null, { status: answer.status, headers: answer.headers });
}

/** Looks at the head of an answer before the client has it. */
function watchHead(response: ServerResponse, look: (session: string | undefined) => void): void {
  const { writeHead } = response;
  response.writeHead = (...given: unknown[]) => {
    look(sessionOf(given, (name) => response.getHeader(name)));
    return writeHead.apply(response, given as never);
  };
}
