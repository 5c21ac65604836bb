import { createServer, type Server } from "node:http";
import { plainAnswer, send } from "./answer.ts";

/** What the admin listener asks. */
export interface Health {
  /** Whether there are usable keys, in every process. */
  isReady(): boolean | Promise<boolean>;
  /** Prometheus' text. */
  metrics(): string | Promise<string>;
}

/** Answers `/healthz`, `/readyz` and `/metrics`. */
export function createAdmin(health: Health): Server {
  return createServer(async (request, response) => {
    const path = request.url?.split("?", 1)[0];
    try {
      if (request.method !== "GET" && request.method !== "HEAD") {
        return send(request, response, plainAnswer(405));
      }
      if (path === "/healthz") return send(request, response, plainAnswer(200));
      if (path === "/readyz") {
        return send(request, response, plainAnswer((await health.isReady()) ? 200 : 503));
      }
      if (path !== "/metrics") return send(request, response, plainAnswer(404));
      const body = await health.metrics();
      const type = "text/plain; version=0.0.4; charset=utf-8";
      send(request, response, { status: 200, fields: [["Content-Type", type]], body });
    } catch {
      send(request, response, plainAnswer(500));
    }
  });
}
