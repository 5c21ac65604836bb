/**
 * Guards an MCP server over streamable HTTP, on Node and on platforms with web requests.
 *
 * @module postern/mcp
 */

import type { IncomingMessage, ServerResponse } from "node:http";
import { functionOptions, mistake, readOptions, tell } from "../caller-mistakes.ts";
import { TokenError } from "../errors.ts";
import { endingAt, onceOver } from "./deadline.ts";
import { ACCESS_OPTIONS, type AccessOptions, createGate, type RequestVerifier } from "./gate.ts";
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

/** A Node request, as the SDK's transport takes it. */
export interface McpRequest<T = unknown> extends IncomingMessage {
  originalUrl?: string;
  /** The value that the transport passes to tools. */
  auth?: AuthInfo;
  /** The verified token. */
  access?: T | undefined;
}

/** Options of the guard for MCP servers. */
export interface McpOptions extends AccessOptions<IncomingMessage | Request> {
  /**
   * The address of the server, such as `"https://app.example.com/mcp"`: an https URL, or http on
   * loopback, without query and fragment. Tools find it at `authInfo.resource`.
   */
  resource?: string | URL | undefined;
  /**
   * Metadata for clients that log in with OAuth. With it, a 401 names the document of RFC 9728. The guard
   * serves that document without a token at `/.well-known/oauth-protected-resource`, and also at this path
   * followed by the path of `resource`. Leave it out if Managed OAuth is on, because then Access serves it.
   */
  resourceMetadata?: ResourceMetadata | undefined;
  /** Called with the id of a session that has ended, to close its transport. If it throws, nothing changes. */
  onSessionEnd?: ((id: string) => void) | undefined;
}

/** Guards web requests and Node requests. */
export interface McpGuard<T> {
  /**
   * Guards a web request. `handle` is called only for an accepted one, with the `authInfo` for the transport.
   *
   * @param context a Worker's `ctx`. Its `waitUntil` lets a refresh of the keys finish after the response.
   */
  (
    request: Request,
    handle: (auth: AuthInfo | undefined, access: T | undefined) => Response | Promise<Response>,
    context?: unknown,
  ): Promise<Response>;
  /**
   * Middleware for Connect. It puts the `authInfo` for the transport at `request.auth`. If `next` throws, or
   * its promise rejects, the error is logged and the answer is 500.
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

/** The longest time for a request whose token has expired but is within the clock tolerance. */
const GRACE_MS = 60_000;

/**
 * Guards an MCP server of the MCP SDK over streamable HTTP. It verifies every request, and tools find the
 * caller in `extra.authInfo`. A session belongs to the principal that opened it: anyone else gets "Session
 * not found" (404). The session and its streams end when the token expires. A newer token of the owner
 * keeps the session open. The guard remembers at most 10,000 sessions.
 *
 * If your own `check` throws, the error is logged and the answer is 500.
 *
 * @throws {TypeError} at once, when an option is wrong
 *
 * @example
 * ```ts
 * import { createServer } from "node:http";
 * import { createVerifier } from "postern";
 * import { requireAccess } from "postern/mcp";
 *
 * const audience = "4714c1358e65fe4b408ad6d432a5f878f08194bdb4752441fd56faefa9b2b6f2";
 * const verifier = createVerifier({ team: "acme", audience });
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

  /** Returns the answer for a refused request, or the caller. All members of the result are own members. */
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
      const cause = new Error("the session has ended, or belongs to another principal");
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
      // A time limit of the application may have answered while this waited for the keys.
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
    // The client may have left while this waited for the keys. Then there is no event.
    if (response.destroyed) stop();
    else response.once("close", stop);
    try {
      await next();
    } catch (error) {
      // Node does not handle the promise of a request listener, so a rejection would end the process.
      console.error(error);
      if (response.headersSent) response.destroy();
      // Always 500: the handler may also throw an error of a token.
      else respond(response, rejectionOf(undefined));
    }
  }

  return ((request: McpRequest<T> & Request, other: never, more: never) =>
    isWebHeaders(request.headers)
      ? onWeb(request, other, more)
      : onNode(request, other, more)) as McpGuard<T>;
}

/** Adds the address of the document to a challenge. */
function challenge(rejection: Rejection, document: string | undefined): Rejection {
  const { "www-authenticate": challenge, ...headers } = rejection.headers;
  if (challenge === undefined || document === undefined) return rejection;
  const named = `${challenge}, resource_metadata="${document}"`;
  return { ...rejection, headers: { ...headers, "www-authenticate": named } };
}

/** A `Response` with 204 must have a null body, not an empty one. */
function bodiless(answer: Answer): Response {
  if (answer.status !== 204) return toResponse(answer);
  return new Response(null, { status: answer.status, headers: answer.headers });
}

/** Reads the session id of a response before its headers are sent. */
function watchHead(response: ServerResponse, look: (session: string | undefined) => void): void {
  const { writeHead } = response;
  response.writeHead = (...given: unknown[]) => {
    look(sessionOf(given, (name) => response.getHeader(name)));
    return writeHead.apply(response, given as never);
  };
}
