import type { IncomingMessage, ServerResponse } from "node:http";
import type { Duplex } from "node:stream";
import { nodePath } from "../adapters/public-paths.ts";
import { forward } from "../proxy/forward.ts";
import { answerLast } from "../proxy/pipeline.ts";
import { requestFault, upgradeFault } from "../proxy/request-fault.ts";
import type { Target } from "../proxy/target.ts";
import { answerOnSocket, forwardUpgrade } from "../proxy/upgrade.ts";
import { type Answer, plainAnswer, refusalAnswer, send } from "./answer.ts";
import { type App, type Apps, appOfHost } from "./apps.ts";
import { decide, type Record, tellFailed, tellRefused, type Verdict } from "./decide.ts";
import { isReservedInTrailer, toTarget } from "./to-target.ts";

type Way = { readonly app: App & { readonly target: Target }; readonly verdict: Verdict };

/**
 * Where a request goes on to, or what it is answered. The host is looked at before the token.
 *
 * @param response none for an upgrade
 */
async function wayOf(
  apps: Apps,
  record: Record,
  request: IncomingMessage,
  response: ServerResponse | undefined,
): Promise<Way | Answer> {
  const fault = requestFault(request) ?? (response ? undefined : upgradeFault(request));
  if (fault !== undefined) {
    if (response !== undefined) answerLast(response);
    tellRefused(record, request, "bad_request");
    return plainAnswer(fault.status);
  }
  const app = appOfHost(apps, request.headers.host);
  if (app?.target === undefined) {
    tellRefused(record, request, "unknown_host");
    return plainAnswer(421);
  }
  const verdict = await decide(record, app, request, nodePath(request));
  if (verdict.rejection !== undefined) return refusalAnswer(verdict.rejection);
  return { app: { ...app, target: app.target }, verdict };
}

/** Answers a request as the guard, or with what its application says. */
export async function passOn(
  apps: Apps,
  record: Record,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const way = await wayOf(apps, record, request, response);
  if ("status" in way) return send(request, response, way);
  const { app, verdict } = way;
  forward(request, response, {
    target: app.target,
    fields: toTarget(apps, app, request, verdict),
    isReserved: (name) => isReservedInTrailer(apps, name),
    added: [],
    fail(failure) {
      tellFailed(record, app, failure);
      send(request, response, plainAnswer(failure.status));
    },
  });
}

/** The same for a request to switch protocols. */
export async function passUpgradeOn(
  apps: Apps,
  record: Record,
  request: IncomingMessage,
  socket: Duplex,
  early: Buffer,
): Promise<void> {
  const answer = ({ status, fields, body }: Answer): void =>
    answerOnSocket(socket, status, fields, body);
  const way = await wayOf(apps, record, request, undefined);
  if ("status" in way) return answer(way);
  const { app, verdict } = way;
  forwardUpgrade(request, socket, early, {
    target: app.target,
    fields: toTarget(apps, app, request, verdict),
    fail(failure) {
      tellFailed(record, app, failure);
      answer(plainAnswer(failure.status));
    },
  });
}
