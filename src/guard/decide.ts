import type { IncomingMessage } from "node:http";
import type { VerifiedAccessToken } from "../access/access-token.ts";
import { type Rejection, rejectionOf } from "../adapters/rejection.ts";
import { isKeySetError, isTokenError } from "../errors.ts";
import type { Refusal } from "../proxy/request-fault.ts";
import type { App } from "./apps.ts";
import type { Log } from "./log.ts";
import type { Metrics } from "./metrics.ts";
import type { TellFailure } from "./target-failures.ts";

/** Where decisions are told. */
export interface Record {
  readonly log: Log;
  readonly metrics: Metrics;
  readonly tellFailure: TellFailure;
}

/** What became of a request: it goes on, with what its identity headers say, or it does not. */
export interface Verdict {
  readonly access?: VerifiedAccessToken | undefined;
  readonly values: readonly string[];
  readonly rejection?: Rejection | undefined;
}

/** Decides about a request for one application, and tells log and metrics. It never rejects. */
export async function decide(
  record: Record,
  app: App,
  request: IncomingMessage,
  path: string | undefined,
): Promise<Verdict> {
  const startedAt = performance.now();
  return settle(record, app, request, path, startedAt, await app.gate(request, path));
}

/**
 * Does the same at once when the token was accepted before; otherwise it does nothing. The promises of
 * `decide` take 2 µs, more than the decision does (wrk, as in bench/guard).
 */
export function recall(
  record: Record,
  app: App,
  request: IncomingMessage,
  path: string | undefined,
): Verdict | undefined {
  const startedAt = performance.now();
  const access = app.recall(request);
  return access && settle(record, app, request, path, startedAt, { access });
}

function settle(
  record: Record,
  app: App,
  request: IncomingMessage,
  path: string | undefined,
  startedAt: number,
  decided: Pick<Verdict, "access" | "rejection">,
): Verdict {
  const { access } = decided;
  let { rejection } = decided;
  let values: readonly string[] = [];
  if (rejection === undefined) {
    try {
      values = app.identity.values(access);
    } catch (error) {
      rejection = rejectionOf(error, request.headers.accept);
    }
  }
  if (rejection === undefined) {
    tell(record, request, { app: app.name, path, startedAt, access });
  } else {
    const { error } = rejection;
    const isKnown = isTokenError(error) || isKeySetError(error);
    const kid = isTokenError(error) ? error.kid : undefined;
    const code = isKnown ? error.code : "fault";
    tell(record, request, { app: app.name, path, startedAt, code, kid });
    if (rejection.isFault) console.error(`postern guard: ${error.message}`);
  }
  return { access, values, rejection };
}

/** Reports that an application gave no answer to a request that was let in. */
export function tellFailed(
  { metrics, tellFailure }: Record,
  { name }: App,
  { status, reason }: Refusal,
): void {
  // Lower ones are the client's fault.
  if (status < 500) return;
  metrics.failed(name);
  tellFailure(name, reason);
}

interface Facts {
  readonly app: string;
  /** The path that a proxy asks about, if the guard knows it. */
  readonly path?: string | undefined;
  readonly startedAt: number;
  readonly access?: VerifiedAccessToken | undefined;
  readonly code?: string;
  readonly kid?: string | undefined;
}

/** Reports a request that was refused before any part of it was read. */
export function tellRefused(record: Record, request: IncomingMessage, code: string): void {
  tell(record, request, { app: "", startedAt: performance.now(), code });
}

function tell(
  { log, metrics }: Record,
  { method = "", url = "" }: IncomingMessage,
  { app, path = url, startedAt, access, code = "", kid }: Facts,
): void {
  const ms = performance.now() - startedAt;
  const letIn = access === undefined ? "public" : "accepted";
  const decision = code === "" ? letIn : "refused";
  metrics.decided(app, decision, code, ms / 1000);
  log({
    app,
    method,
    path,
    decision,
    code,
    kind: access?.principal.kind,
    id: access?.principal.id,
    kid: access === undefined ? kid : (access.header.kid as string | undefined),
    ms,
  });
}
