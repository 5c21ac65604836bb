import { describe, expect, it, vi } from "vitest";
import { forwardAuth, headerName } from "../../src/adapters/forward-auth.ts";
import { createGate } from "../../src/adapters/gate.ts";
import { publicPathsOption, webPath } from "../../src/adapters/public-paths.ts";
import { KeySetError, TokenError } from "../../src/errors.ts";
import { unhandledIn } from "../support/unhandled.ts";

const granted = { principal: { kind: "user", id: "ada" }, payload: {} };
const yes = { verifyRequest: vi.fn(async () => granted) };
const no = { verifyRequest: () => Promise.reject(new TokenError("token_missing")) };
const request = { headers: {} };

describe("the gate", () => {
  it("is open for several paths only when all are public, and never for none", async () => {
    const gate = createGate(no, { publicPaths: ["/a", "/b"] });
    const isOpen = async (path: string[] | undefined) =>
      (await gate(request, path)).rejection === undefined;
    expect(await isOpen(["/a", "/b"])).toBe(true);
    for (const path of [["/a", "/c"], ["/c", "/a"], [], undefined]) {
      expect(await isOpen(path)).toBe(false);
    }
  });

  it("answers 500 to what is no request", async () => {
    const gate = createGate(yes, { publicPaths: ["/a"] });
    expect((await gate(undefined as never, "/a")).rejection?.status).toBe(500);
  });

  it("says what a verifier should have answered", async () => {
    const gate = createGate({ verifyRequest: async () => undefined } as never);
    const { rejection } = await gate(request, "/");
    expect(rejection?.error).toEqual(new TypeError("access must be a token, got undefined"));
  });

  it("has own members in each of its answers", async () => {
    const refused = await createGate(no)(request, "/");
    const open = await createGate(no, { optional: true })(request, "/");
    for (const decision of [await createGate(yes)(request, "/"), refused, open]) {
      expect(Object.keys(decision).sort()).toEqual(["access", "rejection"]);
    }
    expect(Object.isFrozen(open)).toBe(true);
  });

  it("passes the audience on as a copied list, and no audience without one", async () => {
    const tags = ["wiki"];
    const verifyRequest = vi.fn(async (..._given: unknown[]) => granted);
    const gates = [
      createGate({ verifyRequest }, { audience: tags }),
      createGate({ verifyRequest }, { audience: "wiki" }),
      createGate({ verifyRequest }),
    ];
    tags.push("admin");
    for (const gate of gates) await gate(request, "/");
    const calls = verifyRequest.mock.calls.map(([, call]) => call);
    const narrowed = { audience: ["wiki"], waitUntil: undefined };
    expect(calls).toEqual([narrowed, narrowed, { waitUntil: undefined }]);
    expect(calls[2]).not.toHaveProperty("audience");
  });

  const AUDIENCE = "audience must be a non-empty string or array of them, or left out, got";
  it.each<[unknown, unknown, string]>([
    [undefined, {}, "verifier must be what createVerifier returns, got undefined"],
    [{ verifyRequest: 7 }, {}, "verifier must be what createVerifier returns, got object"],
    [yes, { audience: undefined }, `${AUDIENCE} undefined`],
    [yes, { audience: [] }, `${AUDIENCE} an empty array`],
    [yes, { optional: 1 }, "optional must be a boolean, got number"],
    [yes, { allowPreflight: 1 }, "allowPreflight must be a boolean, got number"],
    [yes, { onReject: 1 }, "onReject must be a function, got number"],
    [
      yes,
      { publicPaths: 1 },
      "publicPaths must be an array of plain paths or a function, got number",
    ],
    [
      yes,
      { publicPaths: [["/a"]] },
      "publicPaths must be an array of plain paths or a function, got an array",
    ],
    [
      yes,
      { publicPaths: ["a"] },
      'publicPaths must be exact paths like "/health", not "a": list each path; in code, a function may decide',
    ],
  ])("says which option is wrong: %o, %j", (verifier, options, message) => {
    expect(() => createGate(verifier as never, options as never)).toThrow(new TypeError(message));
  });

  it("lets go of a body that it does not want, even when that fails", async () => {
    const cancel = vi.fn(() => Promise.reject(new Error("gone")));
    const chunks = { getReader: () => ({ read: async () => ({ done: false }), cancel }) };
    const asked = {
      method: "OPTIONS",
      headers: new Headers({ origin: "https://x.example", "access-control-request-method": "PUT" }),
      body: chunks,
      clone: () => ({ body: chunks }),
    };
    const count = await unhandledIn(async () => {
      const { rejection } = await createGate(no, { allowPreflight: true })(asked, "/");
      expect(rejection?.status).toBe(401);
    });
    expect([count, cancel.mock.calls.length]).toEqual([0, 1]);
  });
});

describe("a public path", () => {
  const GET = { headers: {} };

  it.each([
    ["/a.", true],
    ["/a/.b", true],
    ["/.a/b", true],
    ["/a/...", true],
    ["/a;b", true],
    ["/!~", true],
    ["/a/.", false],
    ["/a/./b", false],
    ["/a/..;b", false],
    ["/a/.;b", false],
    ["/a%", false],
    ["/a\u007f", false],
    ["/a ", false],
    ["", false],
    ["a/b", false],
  ])("is read in one way only: %j", (path, isPublic) => {
    expect(publicPathsOption(() => true)(path, GET)).toBe(isPublic);
  });

  it.each(["/a*", "/*", "/:a", "/{a", "/[a", "/a/:b"])("is no pattern: %s", (path) => {
    expect(() => publicPathsOption([path])).toThrow(
      new TypeError(
        `publicPaths must be exact paths like "/health", not "${path}": list each path; in code, a function may decide`,
      ),
    );
  });

  it.each([
    ["host", "app.example:65535", true],
    ["host", "app.example:1", true],
    ["host", "app.example:123456", false],
    ["host", "[::FF]:1", true],
    ["host", "[g]", false],
    ["host", " app.example ", true],
    ["x-forwarded-port", "65535", true],
    ["x-forwarded-port", "655355", false],
    ["x-forwarded-port", "a1", false],
    ["x-forwarded-port", "1a", false],
    ["x-forwarded-proto", "https , http", true],
    ["x-forwarded-proto", "1https", false],
    ["x-forwarded-proto", "https1", false],
    ["x-forwarded-host", "a.example , b.example:1", true],
  ])("depends on a plain %s: %j", (name, value, isPublic) => {
    const headers = { [name]: value };
    for (const option of [["/a"], () => true]) {
      expect(publicPathsOption(option)("/a", { headers })).toBe(isPublic);
    }
  });

  it("is the path of a URL after its host, and of nothing else", () => {
    expect(webPath({})).toBe(undefined);
    expect(webPath({ url: "HTTPS://app.example/a" })).toBe("/a");
    expect(webPath({ url: "/a/http://app.example/b?c?d" })).toBe("/a/http://app.example/b");
    expect(webPath({ url: "http://app.example?a=/b" })).toBe("");
    expect(webPath({ url: "http:///a" })).toBe("/a");
  });
});

describe("forwardAuth", () => {
  const ask = (headers = {}) => new Request("http://guard.example/", { headers });

  it("lets no answer be stored", async () => {
    const answer = await forwardAuth(yes as never)(ask());
    expect([answer.status, answer.headers.get("cache-control")]).toEqual([200, "no-store"]);
    expect(answer.body).toBe(null);
  });

  it("answers and tells the reason, when an identity fits in no header", async () => {
    const log = vi.spyOn(console, "error").mockImplementation(() => {});
    const access = { ...granted, payload: { custom: { a: "\0" } } };
    const verifier = { verifyRequest: async () => access } as never;
    for (const onReject of [vi.fn(), undefined]) {
      const options = { headers: { "X-A": "custom.a" }, onReject };
      const asked = ask({ accept: "application/json" });
      const answer = await forwardAuth(verifier, options)(asked);
      expect(answer.status).toBe(500);
      expect(answer.headers.get("content-type")).toBe("application/problem+json");
      if (onReject === undefined) continue;
      expect(onReject.mock.calls).toEqual([[expect.any(Error), asked]]);
      expect(log).toHaveBeenCalledWith(onReject.mock.calls[0]?.[0]);
    }
    log.mockRestore();
  });

  it("logs a fault once, and no refusal", async () => {
    const log = vi.spyOn(console, "error").mockImplementation(() => {});
    const fault = new Error("a bug");
    for (const error of [new TokenError("token_missing"), new KeySetError("backing_off"), fault]) {
      await forwardAuth({ verifyRequest: () => Promise.reject(error) })(ask());
    }
    expect(log.mock.calls).toEqual([[fault]]);
    log.mockRestore();
  });

  it.each(["", "a b", "a:b", "a".repeat(129), " a", "a ", 7, null])(
    "refuses at once what is no header's name: %j",
    (name) => {
      expect(() => headerName(name)).toThrow(
        /^originalUriHeader must be the name of a header, got /,
      );
      expect(() => forwardAuth(yes as never, { originalUriHeader: name as never })).toThrow(
        TypeError,
      );
    },
  );

  it("takes a header's name of 1 to 128 characters, in any case", () => {
    expect(["X", "X-Original_URI", "A".repeat(128)].map(headerName)).toEqual([
      "x",
      "x-original_uri",
      "a".repeat(128),
    ]);
    expect(headerName(undefined)).toBe(undefined);
  });

  it.each([{ headers: 7 }, { publicPaths: 7 }, { onReject: 7 }, { audience: "x" }])(
    "refuses a wrong option at once: %j",
    (options) => {
      expect(() => forwardAuth(yes as never, options as never)).toThrow(TypeError);
    },
  );
});
