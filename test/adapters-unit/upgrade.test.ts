import { EventEmitter } from "node:events";
import { PassThrough } from "node:stream";
import { afterEach, describe, expect, it, vi } from "vitest";
import { verifyClient, verifyUpgrade } from "../../src/adapters/upgrade.ts";
import { isTokenError, TokenError } from "../../src/errors.ts";
import { NO_ORIGINS } from "../support/no-origins.ts";
import { turns } from "../support/story-clock.ts";

const granted = { payload: { sub: "ada" } };
const yes = { verifyRequest: async () => granted };
const no = { verifyRequest: () => Promise.reject(new TokenError("token_missing")) };
const upgrade = (headers: object = {}, url = "/") => ({ headers, url }) as never;
const reset = (): Error => Object.assign(new Error("read ECONNRESET"), { code: "ECONNRESET" });
const answerOf = (socket: PassThrough): string => String(socket.read());

afterEach(() => {
  vi.restoreAllMocks();
});

describe("the socket of an upgrade", () => {
  it("is destroyed once the refusal is sent", async () => {
    const socket = new PassThrough({ autoDestroy: false });
    const destroy = vi.spyOn(socket, "destroy");
    expect(await verifyUpgrade(no)(upgrade(), socket)).toBe(false);
    expect(destroy).not.toHaveBeenCalled();
    socket.resume();
    await turns();
    expect(destroy.mock.calls).toEqual([[]]);
  });

  it("gets a whole answer, and no connection to reuse", async () => {
    const socket = new PassThrough();
    await verifyUpgrade(no)(upgrade(), socket);
    expect(answerOf(socket)).toBe(
      [
        "HTTP/1.1 401 Unauthorized",
        "cache-control: no-store",
        'www-authenticate: Bearer realm="Cloudflare Access"',
        "connection: close",
        "content-type: text/plain; charset=utf-8",
        "content-length: 13",
        "",
        "Unauthorized\n",
      ].join("\r\n"),
    );
  });

  it("does not go on when its client left during verification", async () => {
    const socket = new PassThrough();
    const verifier = {
      async verifyRequest() {
        socket.destroy(reset());
        await new Promise((resolve) => setImmediate(resolve));
        return granted;
      },
    };
    expect(await verifyUpgrade(verifier)(upgrade(), socket)).toBe(false);
  });

  it.each([
    ["was accepted", yes],
    ["was refused", no],
  ])("may fail after it %s, before another listener is added", async (_, verifier) => {
    const socket = new PassThrough();
    await verifyUpgrade(verifier)(upgrade(), socket);
    expect(() => socket.emit("error", reset())).not.toThrow();
    expect(() => socket.emit("error", reset())).not.toThrow();
  });

  it("has only the new owner's listeners after the upgrade", async () => {
    const socket = new PassThrough();
    await verifyUpgrade(yes)(upgrade(), socket);
    const takesOver = vi.fn();
    socket.on("error", takesOver);
    expect(socket.listeners("error")).toEqual([takesOver]);
    socket.emit("error", reset());
    expect(takesOver).toHaveBeenCalledTimes(1);
  });

  it("may fail during verification, after another listener was added and removed", async () => {
    const socket = new PassThrough();
    const verifier = {
      async verifyRequest() {
        const passing = (): void => {};
        socket.on("error", passing).off("error", passing);
        socket.emit("error", reset());
        return granted;
      },
    };
    expect(await verifyUpgrade(verifier)(upgrade(), socket)).toBe(true);
  });

  it("collects no listeners, however often it is checked", async () => {
    const socket = new PassThrough();
    const mayUpgrade = verifyUpgrade(yes);
    await mayUpgrade(upgrade(), socket);
    const count = (): number[] => socket.eventNames().map((name) => socket.listenerCount(name));
    const before = count();
    for (let times = 0; times < 20; times++) await mayUpgrade(upgrade(), socket);
    expect(count()).toEqual(before);
    expect(socket.listenerCount("error")).toBe(1);
  });

  it("cannot end the process with Express middleware under Socket.IO either", async () => {
    const { requireAccess } = await import("../../src/adapters/express.ts");
    const socket = new EventEmitter();
    const request = { headers: { upgrade: "websocket" }, url: "/", socket };
    const verifier = {
      async verifyRequest() {
        socket.emit("error", reset());
        return granted;
      },
    };
    const next = vi.fn();
    await requireAccess(verifier)(request as never, {} as never, next);
    expect(next).toHaveBeenCalledWith();
  });
});

describe("origins", () => {
  const ORIGINS = ["https://app.example.com", "http://127.0.0.1:8788"] as const;
  const never = { verifyRequest: vi.fn(yes.verifyRequest) };

  it.each([...ORIGINS, undefined])("let %s go on to the token check", async (origin) => {
    const headers = origin === undefined ? {} : { origin };
    for (const [verifier, isIn] of [
      [yes, true],
      [no, false],
    ] as const) {
      const socket = new PassThrough();
      const mayUpgrade = verifyUpgrade(verifier, { origins: ORIGINS });
      expect(await mayUpgrade(upgrade(headers), socket)).toBe(isIn);
      if (!isIn) expect(answerOf(socket)).toMatch(/^HTTP\/1\.1 401 /);
    }
  });

  it.each([
    "https://evil.example",
    "https://app.example.com.evil.example",
    "https://app.example.com:8443",
    "http://app.example.com",
    "https://APP.example.com",
    "https://app.example.com/",
    "https://app.example.com, https://evil.example",
    "null",
    "",
    "*",
  ])("refuse %s with 403 before the token is looked at, and say so", async (origin) => {
    never.verifyRequest.mockClear();
    const onReject = vi.fn();
    const options = { origins: ORIGINS, onReject, optional: true, publicPaths: ["/public"] };
    for (const path of ["/", "/public"]) {
      const request = upgrade({ origin, "cf-access-jwt-assertion": "x" }, path);
      const socket = new PassThrough();
      expect(await verifyUpgrade(never, options)(request, socket)).toBe(false);
      const answer = answerOf(socket);
      expect(answer).toMatch(/^HTTP\/1\.1 403 Forbidden\r\n/);
      expect(answer).toContain("cache-control: no-store");
      expect(onReject).toHaveBeenLastCalledWith(expect.any(TokenError), request);
      expect((request as { access?: unknown }).access).toBe(undefined);
    }
    expect(onReject).toHaveBeenCalledTimes(2);
    const [error] = onReject.mock.lastCall ?? [];
    expect(isTokenError(error) && error.code).toBe("forbidden");
    expect(error).toMatchObject({
      verified: false,
      cause: { message: "the page's Origin is none of origins" },
    });
    expect(never.verifyRequest).not.toHaveBeenCalled();
  });

  it("are asked by verifyClient as well", async () => {
    const answer = vi.fn();
    const decide = verifyClient(yes, { origins: ORIGINS });
    await decide({ req: upgrade({ origin: "https://evil.example" }) }, answer);
    expect(answer).toHaveBeenLastCalledWith(false, 403, "Forbidden\n", expect.anything());
    await decide({ req: upgrade({ origin: ORIGINS[0] }) }, answer);
    expect(answer).toHaveBeenLastCalledWith(true);
  });

  it("are read once, and not from a prototype", async () => {
    const origins = [...ORIGINS];
    const mayUpgrade = verifyUpgrade(yes, { origins });
    origins.push("https://evil.example" as never);
    const foreign = upgrade({ origin: "https://evil.example" });
    expect(await mayUpgrade(foreign, new PassThrough())).toBe(false);
    Object.assign(Object.prototype, { origin: "https://app.example.com", origins: ORIGINS });
    try {
      expect(await mayUpgrade(upgrade({}), new PassThrough())).toBe(true);
      expect(await verifyUpgrade(yes)(foreign, new PassThrough())).toBe(true);
    } finally {
      Reflect.deleteProperty(Object.prototype, "origin");
      Reflect.deleteProperty(Object.prototype, "origins");
    }
  });

  it.each([
    ...[undefined, null, "https://app.example.com", []].map((origins) => ({ origins })),
    ...NO_ORIGINS.map((origin) => ({ origins: [origin] })),
    { origins: ["https://app.example.com", "https://b.example.com/"] },
  ])("are refused at once when no browser sends them: %j", (options) => {
    for (const make of [verifyUpgrade, verifyClient]) {
      expect(() => make(yes, options as never)).toThrow(TypeError);
      expect(() => make(yes, options as never)).toThrow(
        /^origins must be a non-empty array of origins, such as "https:\/\/app.example.com", got /,
      );
    }
  });

  it("are an option by this name only", () => {
    for (const make of [verifyUpgrade, verifyClient]) {
      expect(() => make(yes, { origin: ORIGINS } as never)).toThrow('did you mean "origins"?');
    }
  });
});

describe("verifyClient", () => {
  it("takes two arguments, so that ws waits for its callback", () => {
    expect(verifyClient(yes)).toHaveLength(2);
  });

  it("answers a fault 500 and logs it", async () => {
    const log = vi.spyOn(console, "error").mockImplementation(() => {});
    const answer = vi.fn();
    const fault = { verifyRequest: () => Promise.reject(new Error("a bug")) };
    await verifyClient(fault)({ req: upgrade() }, answer);
    const headers = { "cache-control": "no-store", "Content-Type": "text/plain; charset=utf-8" };
    expect(answer).toHaveBeenCalledWith(false, 500, "Internal Server Error\n", headers);
    expect(log).toHaveBeenCalledTimes(1);
  });
});
