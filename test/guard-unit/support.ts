import { once } from "node:events";
import { createServer, type IncomingMessage, type RequestListener, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, vi } from "vitest";
import { type Guard, type GuardOptions, startGuard } from "../../src/guard/index.ts";
import { createTestIssuer, type TestIssuer } from "../../src/testing/index.ts";

vi.setConfig({ testTimeout: 30_000, hookTimeout: 30_000 });

const opened: (() => unknown)[] = [];
afterAll(async () => {
  for (const end of opened.splice(0).reverse()) await end();
});

export function later(end: () => unknown): void {
  opened.push(end);
}

export const AUD: string = "4714c1358e65fe4b408ad6d432a5f878f08194bdb4752441fd56faefa9b2b6f2";
export const OTHER_AUD: string = "32eafc7626e737824a20b8d8ca2b17cbcf3c1d36b7d55ab4a5f8e9a2eecc3b1f";

let made: Promise<TestIssuer> | undefined;

/** One team for all tests of a file. */
export function team(): Promise<TestIssuer> {
  made ??= createTestIssuer({ team: "acme", audience: AUD });
  return made;
}

/** A guard on a free port, with the team's keys, and the lines of its log. */
export async function guard(
  options: Partial<GuardOptions> = {},
): Promise<Guard & { port: number; lines: Record<string, unknown>[]; text: string[] }> {
  const text: string[] = [];
  const lines: Record<string, unknown>[] = [];
  const started = await startGuard({
    team: "acme",
    ...(options.apps ? {} : { audience: AUD }),
    listen: "127.0.0.1:0",
    fetch: (await team()).fetch,
    writeLog(line) {
      text.push(line);
      if (line.startsWith("{")) lines.push(JSON.parse(line));
    },
    drainTimeoutSeconds: 1,
    ...options,
  });
  later(() => started.close());
  return { ...started, port: Number(new URL(started.url).port), lines, text };
}

/** What an application saw. */
export interface Seen {
  method: string;
  url: string;
  rawHeaders: string[];
  headers: IncomingMessage["headers"];
  body: string;
  trailers: IncomingMessage["trailers"];
}

/** An application that answers with what it received. */
export async function application(
  handler?: RequestListener,
): Promise<{ url: string; server: Server; seen: Seen[] }> {
  const seen: Seen[] = [];
  const server = createServer(
    handler ??
      (async (request, response) => {
        const chunks: Buffer[] = [];
        for await (const chunk of request) chunks.push(chunk);
        const { method = "", url = "", rawHeaders, headers, trailers } = request;
        const facts = {
          method,
          url,
          rawHeaders,
          headers,
          body: String(Buffer.concat(chunks)),
          trailers,
        };
        seen.push(facts);
        response.end(JSON.stringify(facts));
      }),
  );
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  later(() => {
    server.close();
    server.closeAllConnections();
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, server, seen };
}

export const bearing = (
  token: string,
  more: Record<string, string> = {},
): Record<string, string> => ({
  "cf-access-jwt-assertion": token,
  ...more,
});
