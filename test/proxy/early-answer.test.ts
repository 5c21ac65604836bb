import type { IncomingMessage } from "node:http";
import { Readable } from "node:stream";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { discardRest } from "../../src/proxy/discard-rest.ts";
import { dial, head, read, statusOf } from "../local/support.ts";
import { plainProxy, rawTarget } from "./support.ts";

/** More than fits into the buffers on the way. */
const LARGE = 20_000_000;

const lengthy = (port: number): string[] => [
  head(port, "POST /", `Content-Length: ${LARGE}`),
  "a".repeat(LARGE),
];
const chunked = (port: number): string[] => [
  head(port, "POST /", "Transfer-Encoding: chunked"),
  `${LARGE.toString(16)}\r\n${"a".repeat(LARGE)}\r\n0\r\n\r\n`,
];

describe("a target that answers before it has the whole body, and leaves", () => {
  const answer = (status: string): string =>
    `HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: 2\r\n\r\nno`;

  it.each([
    ["413 Content Too Large", "with a length", lengthy],
    ["413 Content Too Large", "in chunks", chunked],
    ["200 OK", "with a length", lengthy],
    ["401 Unauthorized", "in chunks", chunked],
  ])(
    "its answer %s arrives after an upload %s, and the connection can be used again",
    async (status, _title, upload) => {
      const target = await rawTarget((socket, at) => {
        // The next request has a connection of its own.
        socket.once("data", () => socket.end(answer(at === 0 ? status : "204 No Content")));
      });
      const { port, failures } = await plainProxy(target, 5);
      const socket = await dial(port);
      const [fields = "", body = ""] = upload(port);
      socket.pause();
      socket.write(fields.replace("close", "keep-alive"));
      // Only after the answer, so that the target leaves in the middle of the upload.
      await new Promise((resolve) => setTimeout(resolve, 200));
      await new Promise((resolve) => socket.write(body, resolve));
      const [, next] = await Promise.all([
        new Promise((resolve) => socket.write(head(port, "GET /next"), resolve)),
        read(socket.resume(), /HTTP\/1\.1 204/),
      ]);
      expect(statusOf(next)).toBe(Number(status.slice(0, 3)));
      expect(failures).toEqual([]);
    },
  );

  it("is answered for with 502 when it leaves without an answer, and the upload ends", async () => {
    const target = await rawTarget((socket) => socket.once("data", () => socket.destroy()));
    const { port, failures } = await plainProxy(target, 5);
    const socket = await dial(port);
    const [fields = "", body = ""] = lengthy(port);
    socket.write(fields.replace("close", "keep-alive"));
    await new Promise((resolve) => socket.write(body, resolve));
    expect(statusOf(await read(socket, /\r\n\r\n/))).toBe(502);
    expect(failures).toEqual([502]);
    socket.destroy();
  });
});

describe("the rest of a request that is discarded", () => {
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  const upload = (...chunks: string[]) => {
    const destroy = vi.fn();
    const request = new Readable({ read() {} });
    for (const chunk of chunks) request.push(chunk);
    return Object.assign(request, { socket: { destroy } }) as unknown as IncomingMessage & Readable;
  };
  const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

  it("is read to its end, and leaves no timer", async () => {
    const request = upload("a");
    discardRest(request);
    expect(vi.getTimerCount()).toBe(1);
    request.push("b");
    request.push(null);
    await turn();
    expect([request.readableEnded, vi.getTimerCount()]).toEqual([true, 0]);
  });

  it("is cut off when it does not end", async () => {
    const request = upload("a");
    discardRest(request);
    for (let seconds = 0; seconds < 29; seconds++) {
      vi.advanceTimersByTime(1_000);
      request.push("a");
      await turn();
      expect(request.readableLength).toBe(0);
    }
    expect(request.socket.destroy).not.toHaveBeenCalled();
    vi.advanceTimersByTime(1_000);
    expect(request.socket.destroy).toHaveBeenCalledTimes(1);
    expect(vi.getTimerCount()).toBe(0);
  });

  it("needs nothing when there is none, or when the client has left", async () => {
    const ended = upload();
    ended.push(null);
    ended.resume();
    const left = upload("a");
    left.destroy();
    await turn();
    for (const request of [ended, left]) discardRest(request);
    expect(vi.getTimerCount()).toBe(0);
    const leaving = upload("a");
    discardRest(leaving);
    leaving.destroy();
    await turn();
    expect(vi.getTimerCount()).toBe(0);
  });
});
