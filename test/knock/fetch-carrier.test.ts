import { once } from "node:events";
import { createServer, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, describe, expect, it, vi } from "vitest";
import { type FetchHandler, fetchCarrier } from "../../src/knock/fetch-carrier.ts";
import type { Reply, Sent } from "../../src/knock/types.ts";
import { unhandledIn } from "../support/unhandled.ts";

const opened: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of opened.splice(0)) await close();
});

const GET: Sent = { method: "GET", target: "/", headers: [] };
const never = new AbortController().signal;
const ORIGIN = "http://app.test";
/** Longer than a test may take: what is waited for is not this. */
const LONG = 60_000;

const ask = (handler: FetchHandler, sent = GET, timeoutMs = LONG): Promise<Reply> =>
  fetchCarrier(ORIGIN, handler, timeoutMs).send(sent, never);

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

/** A body whose source never ends, and a note of its cancellation. */
function endless(
  source: { start?: string; pull?: string; cancel?: () => Promise<void> } = {},
): [body: ReadableStream<Uint8Array>, cancel: ReturnType<typeof vi.fn>] {
  const cancel = vi.fn(async () => source.cancel?.());
  const { start, pull } = source;
  const body = new ReadableStream<Uint8Array>({
    start(controller) {
      if (start !== undefined) controller.enqueue(bytes(start));
    },
    ...(pull !== undefined && { pull: (controller) => controller.enqueue(bytes(pull)) }),
    cancel,
  });
  return [body, cancel];
}

// At the same time, because most of them wait for a second.
describe.concurrent("a knock by a function", () => {
  it.each([
    ["sends nothing", {}, ""],
    ["sends an event", { start: "data: 1\n\n" }, "data: 1\n\n"],
    [
      "sends events without a pause",
      { pull: "data: 1\n\n" },
      "data: 1\n\n".repeat(7282).slice(0, 65_536),
    ],
    ["sends empty chunks without a pause", { pull: "" }, ""],
  ])("needs only the beginning of an endless body, and closes it: %s", async (_, source, text) => {
    const [body, cancel] = endless(source);
    expect(await ask(() => new Response(body))).toEqual({
      ...{ status: 200, location: undefined, body: text },
    });
    expect(cancel).toHaveBeenCalledTimes(1);
  });

  it.each<[string, Sent["method"], number]>([
    ["HEAD", "HEAD", 200],
    ["a refusal", "GET", 401],
  ])("closes the body of %s", async (_, method, status) => {
    const [body, cancel] = endless({ start: "no" });
    const reply = await ask(() => new Response(body, { status }), { ...GET, method });
    expect(reply).toMatchObject({ status, body: method === "HEAD" ? "" : "no" });
    expect(cancel).toHaveBeenCalledTimes(1);
  });

  it("gets a whole body, of any encoding in chunks, and the target of a redirect", async () => {
    const all = bytes("ä€😀");
    const body = new ReadableStream<Uint8Array>({
      start(controller) {
        for (const at of all.keys()) controller.enqueue(all.slice(at, at + 1));
        controller.close();
      },
    });
    const answer = new Response(body, { status: 302, headers: { location: "/x" } });
    expect(await ask(() => answer)).toEqual({ status: 302, location: "/x", body: "ä€😀" });
    expect(await ask(() => new Response())).toMatchObject({ status: 200, body: "" });
  });

  it("reads an answer that comes just before its time limit", async () => {
    const [body] = endless({ start: "in" });
    expect(await ask(() => new Response(body), GET, 50)).toMatchObject({ status: 200, body: "in" });
  });

  it("calls a body that fails no answer, and leaves no rejection", async () => {
    const failing = new ReadableStream({ pull: () => Promise.reject(new Error("a bug")) });
    const [stubborn] = endless({ cancel: () => Promise.reject(new Error("a bug")) });
    const count = await unhandledIn(async () => {
      expect(await ask(() => new Response(failing))).toMatchObject({ status: null });
      expect(await ask(() => new Response(stubborn))).toMatchObject({ status: 200 });
    });
    expect(count).toBe(0);
  });
});

describe("a knock by fetch", () => {
  async function serve(
    listener: RequestListener,
  ): Promise<{ origin: string; left: Promise<void> }> {
    let leave = (): void => {};
    const left = new Promise<void>((resolve) => {
      leave = resolve;
    });
    const server = createServer((request, response) => {
      request.socket.once("close", leave);
      listener(request, response);
    });
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    opened.push(() => {
      server.close();
      server.closeAllConnections();
    });
    return { origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, left };
  }

  it("closes its connection to an endless event stream", async () => {
    const { origin, left } = await serve((_, response) => {
      response.writeHead(200, { "content-type": "text/event-stream" }).write("data: 1\n\n");
    });
    const reply = await fetchCarrier(origin, undefined, LONG).send(GET, never);
    expect(reply).toMatchObject({ status: 200, body: "data: 1\n\n" });
    await left;
  });

  it("closes its connection to a server that does not answer, or when the run is over", async () => {
    const slow = await serve(() => {});
    expect(await fetchCarrier(slow.origin, undefined, 50).send(GET, never)).toMatchObject({
      reason: "no answer in time",
    });
    await slow.left;
    const stopped = await serve(() => run.abort());
    const run = new AbortController();
    expect(await fetchCarrier(stopped.origin, undefined, LONG).send(GET, run.signal)).toMatchObject(
      {
        status: null,
      },
    );
    await stopped.left;
  });
});
