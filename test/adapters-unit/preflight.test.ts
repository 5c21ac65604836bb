import { describe, expect, it, vi } from "vitest";
import { createGate } from "../../src/adapters/gate.ts";
import { TokenError } from "../../src/errors.ts";

const missing = { verifyRequest: () => Promise.reject(new TokenError("token_missing")) };
const url = "http://app.example/";
const headers = { origin: "https://other.example", "access-control-request-method": "PUT" };

/** A request as frameworks on Node build it: with a stream, with or without data in it. */
function streamed(chunks: readonly string[], more: RequestInit = {}): Request {
  const body = new ReadableStream({
    start(controller) {
      for (const chunk of chunks) controller.enqueue(new TextEncoder().encode(chunk));
      controller.close();
    },
  });
  return new Request(url, { method: "OPTIONS", headers, body, duplex: "half", ...more } as never);
}

async function goesOn(request: Request): Promise<boolean> {
  const gate = createGate<object, Request>(missing, { allowPreflight: true });
  return (await gate(request, "/")).rejection === undefined;
}

describe("a preflight that may go on", () => {
  it("goes on without a body, and with an empty stream", async () => {
    expect(await goesOn(new Request(url, { method: "OPTIONS", headers }))).toBe(true);
    const request = streamed([]);
    expect(await goesOn(request)).toBe(true);
    // The application can still read the body.
    expect(await request.text()).toBe("");
  });

  it.each([
    ["with a body", new Request(url, { method: "OPTIONS", headers, body: "x" })],
    ["with a body in a stream", streamed(["x"])],
    ["with a body that starts with nothing", streamed(["", "x"])],
    ["of another method", streamed([], { method: "POST" })],
    ["without the requested method", streamed([], { headers: { origin: headers.origin } })],
    ["without an origin", streamed([], { headers: { "access-control-request-method": "PUT" } })],
    ["with a length", streamed([], { headers: { ...headers, "content-length": "1" } })],
  ])("is refused %s", async (_, request) => {
    expect(await goesOn(request)).toBe(false);
  });

  it("is refused when its body fails", async () => {
    const body = new ReadableStream({
      pull() {
        throw new Error("the client went away");
      },
    });
    expect(await goesOn(streamed([], { body }))).toBe(false);
  });

  it("is not read unless allowPreflight is on", async () => {
    const request = streamed([]);
    const clone = vi.spyOn(request, "clone");
    const gate = createGate<object, Request>(missing);
    expect((await gate(request, "/")).rejection?.status).toBe(401);
    expect(clone).not.toHaveBeenCalled();
  });
});
