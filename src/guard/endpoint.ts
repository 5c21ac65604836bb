import type { IncomingMessage, ServerResponse } from "node:http";
import { readHeader } from "../adapters/headers.ts";
import { type Field, hasBody } from "../proxy/fields.ts";
import { plainAnswer, refusalAnswer, send } from "./answer.ts";
import { type Apps, appOfPath } from "./apps.ts";
import { decide, type Record, recall, tellRefused } from "./decide.ts";

/**
 * Answers a proxy's question. Only the path, which the proxy's own configuration names, chooses the
 * application.
 */
export async function answerQuestion(
  apps: Apps,
  record: Record,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const app = appOfPath(apps, request.url);
  if (app === undefined) {
    tellRefused(record, request, "unknown_app");
    return send(request, response, plainAnswer(404));
  }
  const { originalUriHeader } = apps.settled;
  const asked =
    originalUriHeader === undefined ? undefined : readHeader(request.headers, originalUriHeader);
  // Even a body of no bytes is complete only after this turn, and `send` asks for that.
  const path = asked?.split("?", 1)[0];
  const known = hasBody(request) ? undefined : recall(record, app, request, path);
  const { values, rejection } = known ?? (await decide(record, app, request, path));
  if (rejection !== undefined) return send(request, response, refusalAnswer(rejection));
  const fields = app.identity.names.map((name, at): Field => [name, values[at] ?? ""]);
  send(request, response, {
    status: 200,
    fields: [...fields, ["Cache-Control", "no-store"]],
    body: "",
  });
}
