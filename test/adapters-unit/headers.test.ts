import { EventEmitter } from "node:events";
import { describe, expect, it, vi } from "vitest";
import { isWebHeaders, readHeader } from "../../src/adapters/headers.ts";
import { holdErrors } from "../../src/adapters/hold-errors.ts";

describe("a header", () => {
  it.each<[object | undefined, string, string | undefined]>([
    [undefined, "accept", undefined],
    [{}, "accept", undefined],
    [{ accept: undefined }, "accept", undefined],
    [{ accept: "" }, "accept", ""],
    [{ accept: ["a", "b"] }, "accept", "a,b"],
    [{ ":authority": "app.example" }, ":authority", "app.example"],
    [Object.create({ accept: "a" }), "accept", undefined],
    [new Headers(), "accept", undefined],
    [new Headers({ accept: "" }), "accept", ""],
    [new Headers({ accept: "a" }), "accept", "a"],
    // `Headers` would throw.
    [new Headers(), ":authority", undefined],
    [{ get: "text" }, "get", "text"],
  ])("of %o is read: %s", (headers, name, value) => {
    expect(readHeader(headers as never, name)).toBe(value);
  });

  it("is of the web where there is a method to get it", () => {
    expect(isWebHeaders(new Headers())).toBe(true);
    expect(isWebHeaders({ get: "text" })).toBe(false);
    expect(isWebHeaders(undefined)).toBe(false);
  });
});

describe("a held socket", () => {
  it("is let go by the next listener for errors, and by no other", () => {
    const socket = new EventEmitter();
    const letGo = holdErrors(socket);
    socket.on("error", vi.fn());
    expect(socket.listenerCount("error")).toBe(2);
    socket.removeAllListeners("error");
    holdErrors(socket);
    letGo();
    letGo();
    expect(socket.listenerCount("newListener")).toBe(1);
    socket.on("close", vi.fn());
    expect(socket.listenerCount("error")).toBe(1);
    const own = vi.fn();
    socket.on("error", own);
    expect(socket.listeners("error")).toEqual([own]);
    expect(socket.listenerCount("newListener")).toBe(0);
  });

  it("has one listener, however often it is held", () => {
    const socket = new EventEmitter();
    holdErrors(socket);
    holdErrors(socket);
    expect(socket.listenerCount("error")).toBe(1);
    expect(() => socket.emit("error", new Error("reset"))).not.toThrow();
  });
});
