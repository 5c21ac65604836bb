import type { ServerResponse } from "node:http";
import { beforeAll, beforeEach, describe, expect, it } from "vitest";
import { dial, exchange, head, read, startAll, statusOf } from "./support.ts";

/** What the application was asked, in order, and how it answers when it is told to. */
const waiting: { url: string | undefined; response: ServerResponse }[] = [];
let port: number;
let cookie: string;
let origin: string;
beforeAll(async () => {
  const all = await startAll(({ url }, response) => void waiting.push({ url, response }));
  port = all.port;
  cookie = `Cookie: ${all.cookie}`;
  origin = `Origin: ${all.access.url}`;
});
beforeEach(() => {
  waiting.length = 0;
});

const kept = (line: string, ...fields: string[]): string =>
  head(port, line, ...fields).replace("close", "keep-alive");
const upgrade = (...fields: string[]): string =>
  head(port, "GET /chat", "Upgrade: websocket", origin, ...fields).replace("close", "Upgrade");

describe("a connection on which the next request is sent before the answer", () => {
  it.each([
    ["an upgrade", () => upgrade(cookie)],
    ["an upgrade without a token", () => upgrade()],
    ["an upgrade to h2c", () => upgrade(cookie).replace("websocket", "h2c")],
    ["CONNECT", () => head(port, "CONNECT a:1")],
  ])("does not get the answer to %s before the one in front of it", async (_title, second) => {
    const socket = await dial(port);
    socket.write(kept("GET /first", cookie) + second());
    await expect.poll(() => waiting.length).toBe(1);
    waiting[0]?.response.end("first");
    expect(await read(socket)).toMatch(/^HTTP\/1\.1 200 .*first$/s);
    expect(waiting.map(({ url }) => url)).toEqual(["/first"]);
  });

  it("gets no answer to what follows a request that cannot be read for certain", async () => {
    const twice = ["Transfer-Encoding: chunked", "Transfer-Encoding: "];
    const hidden = kept("GET /hidden", cookie);
    const answer = await exchange(port, `${kept("POST /", cookie, ...twice)}0\r\n\r\n${hidden}`);
    expect(statusOf(answer)).toBe(501);
    expect(answer).toMatch(/\r\nConnection: close\r\n/i);
    expect(answer.match(/HTTP\/1\.1/g)).toHaveLength(1);
    expect(waiting.map(({ url }) => url)).toEqual([]);
  });

  it("gets no answer to what may still be the body of a request that was answered", async () => {
    const socket = await dial(port);
    socket.write(kept("POST /cdn-cgi/access/none", "Content-Length: 40"));
    const answer = read(socket, /404/);
    expect(statusOf(await answer)).toBe(404);
    socket.write(`${"x".repeat(40)}${kept("GET /hidden", cookie)}`);
    await read(socket);
    expect(waiting.map(({ url }) => url)).toEqual([]);
  });
});
