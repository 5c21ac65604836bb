import { EventEmitter } from "node:events";
import { describe, expect, it, vi } from "vitest";
import { requireAccess } from "../../src/adapters/mcp.ts";
import { authInfoOf, endOf, ownerOf } from "../../src/adapters/mcp-auth.ts";
import { discoveryOption, resourceOption } from "../../src/adapters/mcp-metadata.ts";
import { createSessions, NO_SESSION, sessionOf } from "../../src/adapters/mcp-sessions.ts";
import { TokenError } from "../../src/errors.ts";

const ISSUER = "https://acme.cloudflareaccess.com";
const ADA = { kind: "user", id: "ada", email: "ada@acme.com" };
const tokenOf = (payload: object): string =>
  ["{}", JSON.stringify(payload), "signature"]
    .map((part) => Buffer.from(part).toString("base64url"))
    .join(".");

describe("the AuthInfo of a token", () => {
  const payload = { sub: "ada", exp: 4102444800 };
  const access = { principal: ADA, issuer: ISSUER, payload };

  it("has only the members that the token fills", () => {
    expect(authInfoOf({ payload: {} }, {}, undefined)).toEqual({
      token: "",
      clientId: "",
      scopes: [],
    });
    expect(authInfoOf({}, {}, undefined)).toEqual({ token: "", clientId: "", scopes: [] });
    const resource = new URL("https://app.example/mcp");
    const info = authInfoOf(access, {}, resource);
    expect(info).toEqual({
      token: "",
      clientId: "ada",
      scopes: [],
      expiresAt: 4102444800,
      resource,
      extra: { principal: ADA },
    });
    // A tool that changes it changes no other request.
    expect(info.resource).not.toBe(resource);
  });

  it.each([
    [{ sub: "bob", client_id: "cli" }, "bob"],
    [{ sub: "", client_id: "cli" }, "cli"],
    [{ sub: 7, client_id: ["cli"] }, ""],
    [Object.create({ sub: "bob" }), ""],
    [null, ""],
  ])("names the holder of another issuer's token: %j", (other, clientId) => {
    expect(authInfoOf({ payload: other }, {}, undefined).clientId).toBe(clientId);
  });

  it.each([
    ["read", ["read"]],
    [" read  write ", ["read", "write"]],
    ["", []],
    [["read"], []],
    [undefined, []],
  ])("has the words of the scope %j", (scope, scopes) => {
    expect(authInfoOf({ payload: { scope } }, {}, undefined).scopes).toEqual(scopes);
  });

  it.each(["4102444800", null, undefined])("has no end that is no number: %j", (exp) => {
    expect(authInfoOf({ payload: { exp } }, {}, undefined)).not.toHaveProperty("expiresAt");
    expect(endOf({ payload: { exp } })).toBe(Number.POSITIVE_INFINITY);
  });

  it("has the verified token, from whichever place it came", () => {
    const [good, other] = [tokenOf(payload), tokenOf({ sub: "mallory" })];
    const places: [Record<string, string>, string][] = [
      [{ authorization: `Bearer ${good}`, "cf-access-jwt-assertion": other }, good],
      [{ authorization: `Bearer ${other}`, "cf-access-jwt-assertion": good }, good],
      [{ authorization: "Bearer x", cookie: `CF_Authorization=${good}` }, good],
      [{ cookie: `CF_Authorization=${other}` }, ""],
      [{ "cf-access-jwt-assertion": `${good}, ${other}` }, ""],
    ];
    for (const [headers, token] of places) {
      expect(authInfoOf(access, headers, undefined).token).toBe(token);
      expect(authInfoOf(access, new Headers(headers), undefined).token).toBe(token);
    }
  });

  it("has no token where an unverified one says the same", () => {
    const good = tokenOf(payload);
    const copy = `${good.slice(0, good.lastIndexOf("."))}.AAAA`;
    for (const headers of [
      { authorization: `Bearer ${copy}`, "cf-access-jwt-assertion": good },
      { authorization: `Bearer ${good}`, cookie: `CF_Authorization=${copy}` },
      { cookie: `CF_Authorization=${copy}; CF_Authorization=${good}` },
    ] as Record<string, string>[]) {
      expect(authInfoOf(access, headers, undefined).token).toBe("");
    }
    const twice = { authorization: `Bearer ${good}`, cookie: `CF_Authorization=${good}` };
    expect(authInfoOf(access, twice, undefined).token).toBe(good);
  });
});

describe("the owner of a session", () => {
  it.each<[object | undefined, string | undefined]>([
    [undefined, ""],
    [{}, undefined],
    [{ principal: { kind: "user", id: "" }, payload: {} }, undefined],
    [{ principal: ADA, issuer: ISSUER }, JSON.stringify([ISSUER, "user", "ada"])],
    [{ issuer: ISSUER, payload: { sub: "bob" } }, JSON.stringify([ISSUER, null, "bob"])],
    [{ issuer: ISSUER, payload: { client_id: "c" } }, JSON.stringify([ISSUER, null, "c"])],
  ])("of %j is %s", (access, owner) => {
    expect(ownerOf(access)).toBe(owner);
  });

  it("has an end in milliseconds, or none", () => {
    expect(endOf({ payload: { exp: 7 } })).toBe(7_000);
    for (const access of [undefined, {}, { payload: null }]) {
      expect(endOf(access)).toBe(Number.POSITIVE_INFINITY);
    }
  });
});

describe("sessions", () => {
  const named = (id: string) => ({ "mcp-session-id": id });
  const later = () => Date.now() + 100_000;

  it("are opened with an id, an owner and time left, and once", () => {
    const ended = vi.fn();
    const sessions = createSessions(ended);
    const admits = (id: string, owner: string | undefined) =>
      sessions.admits(named(id), { owner, until: later() });
    sessions.note("", { owner: "ada", until: later() });
    sessions.note(null, { owner: "ada", until: later() });
    sessions.note("no owner", { owner: undefined, until: later() });
    sessions.note("over", { owner: "ada", until: Date.now() });
    for (const id of ["", "null", "no owner", "over"]) expect(admits(id, "ada")).toBe(false);
    expect(admits("no owner", undefined)).toBe(false);
    expect(ended).not.toHaveBeenCalled();
    sessions.note("s1", { owner: "ada", until: later() });
    sessions.note("s1", { owner: "mallory", until: later() });
    expect([admits("s1", "ada"), admits("s1", "mallory")]).toEqual([true, false]);
    expect(sessions.admits({}, { owner: undefined, until: 0 })).toBe(true);
  });

  it("end at the longest time of their owner's tokens, and then stop their timer", () => {
    vi.useFakeTimers({ now: 1_000_000, toFake: ["setTimeout", "clearTimeout", "Date"] });
    try {
      const ended = vi.fn();
      const sessions = createSessions(ended);
      const ada = (seconds: number) => ({ owner: "ada", until: 1_000_000 + seconds * 1000 });
      sessions.note("s1", ada(100));
      expect(sessions.admits(named("s1"), ada(50))).toBe(true);
      vi.advanceTimersByTime(99_999);
      expect(ended).not.toHaveBeenCalled();
      expect(sessions.admits(named("s1"), ada(200))).toBe(true);
      vi.advanceTimersByTime(100_000);
      expect(ended).not.toHaveBeenCalled();
      vi.setSystemTime(1_200_000);
      expect(sessions.admits(named("s1"), ada(900))).toBe(false);
      expect(ended.mock.calls).toEqual([["s1"]]);
      expect(vi.getTimerCount()).toBe(0);
    } finally {
      vi.useRealTimers();
    }
  });

  it("answer like the SDK when they do not exist", () => {
    expect(NO_SESSION).toMatchObject({
      status: 404,
      headers: { "cache-control": "no-store" },
      contentType: "application/json",
    });
    expect(JSON.parse(NO_SESSION.body)).toEqual({
      jsonrpc: "2.0",
      error: { code: -32001, message: "Session not found" },
      id: null,
    });
  });

  it.each<[unknown[], string | undefined]>([
    [[], "before"],
    [[200], "before"],
    [[200, "OK"], "before"],
    [[200, null], "before"],
    [[200, {}], "before"],
    [[200, []], "before"],
    [[200, { "content-type": "s1" }], "before"],
    [[200, ["x", "mcp-session-id", "y", "z"]], "before"],
    [[200, "OK", { "MCP-Session-Id": "s1" }], "s1"],
    [[200, ["x", "y", "Mcp-Session-Id", "s1"]], "s1"],
    [[200, ["mcp-session-id", "s1", "x", "y"]], "s1"],
    [
      [
        200,
        [
          ["x", "y"],
          ["mcp-session-id", "s1"],
        ],
      ],
      "s1",
    ],
    [[200, { "mcp-session-id": 7 }], "7"],
  ])("are found in the arguments of writeHead, then in the headers set before: %j", (given, id) => {
    const getHeader = (name: string) => (name === "mcp-session-id" ? "before" : undefined);
    expect(sessionOf(given, getHeader)).toBe(id);
    expect(sessionOf(given, () => undefined)).toBe(id === "before" ? undefined : id);
  });
});

describe("the document of a protected resource", () => {
  const servers = { authorization_servers: ["https://login.example"] };
  const WELL_KNOWN = "/.well-known/oauth-protected-resource";
  const ANYBODY = { "access-control-allow-origin": "*", "cache-control": "no-cache" };
  const resource = "https://app.example/mcp/";
  const { url, answer } = discoveryOption(resource, servers);

  it("is answered to GET, and without a body to HEAD", () => {
    const body = JSON.stringify({ resource, ...servers });
    const contentType = "application/json";
    for (const path of ["", "/mcp", "/mcp/"]) {
      const found = answer(WELL_KNOWN + path, undefined);
      expect(found).toEqual({ status: 200, headers: ANYBODY, contentType, body });
      expect(answer(WELL_KNOWN + path, "GET")).toEqual(found);
      expect(answer(WELL_KNOWN + path, "HEAD")).toEqual({ ...found, body: "" });
    }
    expect(url).toBe(`https://app.example${WELL_KNOWN}/mcp`);
    for (const path of [undefined, "/", `${WELL_KNOWN}/other`]) {
      expect(answer(path, "GET")).toBe(undefined);
    }
  });

  it("is announced to pages of other origins, and refuses every other method", () => {
    const contentType = "text/plain; charset=utf-8";
    expect(answer(WELL_KNOWN, "OPTIONS")).toEqual({
      status: 204,
      headers: {
        ...ANYBODY,
        "access-control-allow-methods": "GET, HEAD",
        "access-control-allow-headers": "mcp-protocol-version",
      },
      contentType,
      body: "",
    });
    expect(answer(WELL_KNOWN, "POST")).toEqual({
      status: 405,
      headers: { ...ANYBODY, allow: "GET, HEAD, OPTIONS" },
      contentType,
      body: "Method Not Allowed\n",
    });
  });

  it("has the optional members", () => {
    const more = {
      ...servers,
      scopes_supported: ["read", "write"],
      bearer_methods_supported: ["header"],
      resource_name: "Wiki",
    };
    const found = discoveryOption(new URL(resource), more).answer(WELL_KNOWN, "GET");
    expect(JSON.parse(found?.body ?? "")).toEqual({ resource, ...more });
    const none = {
      scopes_supported: undefined,
      bearer_methods_supported: undefined,
      resource_name: undefined,
    };
    expect(() => discoveryOption(resource, { ...servers, ...none })).not.toThrow();
  });

  const LIST = "must be a non-empty array of non-empty strings, got";
  it.each<[unknown, string]>([
    [{ ...servers, scopes_supported: [] }, `scopes_supported ${LIST} an empty array`],
    [{ ...servers, scopes_supported: [""] }, `scopes_supported ${LIST} an array`],
    [{ ...servers, scopes_supported: ["a", 7] }, `scopes_supported ${LIST} an array`],
    [{ ...servers, bearer_methods_supported: "header" }, `bearer_methods_supported ${LIST} string`],
    [{ ...servers, bearer_methods_supported: null }, `bearer_methods_supported ${LIST} null`],
    [{ authorization_servers: "https://login.example" }, `authorization_servers ${LIST} string`],
    [
      { ...servers, resource_name: "" },
      "resource_name must be a non-empty string, got an empty string",
    ],
    [{ ...servers, resource_name: 7 }, "resource_name must be a non-empty string, got number"],
    [
      { ...servers, resource: "x" },
      'resourceMetadata must not have "resource", did you mean "resource_name"?',
    ],
    [null, "resourceMetadata must be an object, got null"],
  ])("is refused at once: %j", (given, message) => {
    expect(() => discoveryOption(resource, given)).toThrow(new TypeError(message));
  });

  it("needs an address without query and fragment", () => {
    expect(() => discoveryOption(undefined, servers)).toThrow(
      new TypeError("resource must be a URL, with resourceMetadata, got undefined"),
    );
    for (const rest of ["?", "#", "?x", "#x", "?x#y"]) {
      expect(() => resourceOption(`${resource}${rest}`)).toThrow(
        new TypeError("resource must be a URL without query and fragment"),
      );
    }
    expect(resourceOption(resource)).toEqual(new URL(resource));
  });
});

describe("the guard of an MCP server", () => {
  const access = { principal: ADA, issuer: ISSUER, payload: { sub: "ada", exp: 4102444800 } };
  const yes = { verifyRequest: async () => access };
  const no = { verifyRequest: () => Promise.reject(new TokenError("token_missing")) };
  const inside = (): Response => new Response("in");
  const DOCUMENT = "/.well-known/oauth-protected-resource";
  const announced = {
    resource: "https://app.example/mcp",
    resourceMetadata: { authorization_servers: ["https://login.example"] },
  };

  /** Node's response, as far as it is used. */
  class Answer extends EventEmitter {
    statusCode = 200;
    headersSent = false;
    readonly setHeader = vi.fn();
    readonly getHeader = vi.fn();
    readonly end = vi.fn();
    readonly destroy = vi.fn();
    readonly written: unknown[][] = [];
    writeHead(...given: unknown[]): this {
      this.written.push(given);
      return this;
    }
  }
  const onNode = async (
    verifier: object,
    options: object,
    request: object = {},
    answer = new Answer(),
  ) => {
    const asked = { method: "POST", url: "/mcp", headers: {}, ...request };
    const next = vi.fn();
    await requireAccess(verifier as never, options)(asked as never, answer as never, next);
    return { asked, answer, next };
  };

  it("gives a visitor without a token no identity", async () => {
    const handle = vi.fn(inside);
    await requireAccess(no, { optional: true })(new Request("https://app.example/"), handle);
    expect(handle.mock.calls).toEqual([[undefined, undefined]]);
    const { asked, next } = await onNode(no, { optional: true });
    expect(asked).not.toHaveProperty("auth");
    expect(asked).toHaveProperty("access", undefined);
    expect(next.mock.calls).toEqual([[]]);
  });

  it("gives Node's handler the token and its AuthInfo", async () => {
    const { asked } = await onNode(yes, { resource: announced.resource });
    expect(asked).toMatchObject({
      access,
      auth: { clientId: "ada", resource: new URL(announced.resource) },
    });
  });

  it("says to the listener why a session is refused", async () => {
    const onReject = vi.fn();
    const request = new Request("https://app.example/", { headers: { "mcp-session-id": "s" } });
    const answer = await requireAccess(yes, { onReject })(request, inside);
    expect([answer.status, answer.headers.get("cache-control")]).toEqual([404, "no-store"]);
    expect(onReject.mock.calls).toEqual([[expect.any(TokenError), request]]);
    expect(onReject.mock.calls[0]?.[0]).toMatchObject({
      code: "forbidden",
      cause: { message: "the session has ended, or belongs to another principal" },
    });
  });

  it("serves the document on Node and on the web, with a null body for a preflight", async () => {
    const { answer, next } = await onNode(no, announced, { method: "GET", url: DOCUMENT });
    expect(answer.statusCode).toBe(200);
    expect(answer.end.mock.calls[0]?.[0]).toContain("https://login.example");
    expect(next).not.toHaveBeenCalled();
    const preflight = new Request(`https://app.example${DOCUMENT}`, { method: "OPTIONS" });
    const response = await requireAccess(no, announced)(preflight, inside);
    expect([response.status, response.body]).toEqual([204, null]);
    expect(response.headers.get("access-control-allow-origin")).toBe("*");
    expect(response.headers.has("content-type")).toBe(false);
  });

  it("reads the path before a mounted router removed a part of it", async () => {
    const options = { publicPaths: ["/public"] };
    expect((await onNode(no, options, { url: "/public" })).next).toHaveBeenCalledTimes(1);
    const mounted = { url: "/public", originalUrl: "/admin/public" };
    expect((await onNode(no, options, mounted)).next).not.toHaveBeenCalled();
  });

  it("answers nothing when another handler has already answered", async () => {
    const answer = Object.assign(new Answer(), { headersSent: true });
    const { next } = await onNode(no, {}, {}, answer);
    expect([answer.end.mock.calls, answer.setHeader.mock.calls, next.mock.calls]).toEqual([
      [],
      [],
      [],
    ]);
  });

  it("keeps what writeHead does, and stops its own timer when the response closes", async () => {
    vi.useFakeTimers({ now: 1_000_000, toFake: ["setTimeout", "clearTimeout", "Date"] });
    try {
      const { answer } = await onNode(yes, {});
      expect(answer.writeHead(201, "Made", { "x-own": "1" })).toBe(answer);
      expect(answer.written).toEqual([[201, "Made", { "x-own": "1" }]]);
      expect(vi.getTimerCount()).toBe(1);
      answer.emit("close");
      expect(vi.getTimerCount()).toBe(0);
    } finally {
      vi.useRealTimers();
    }
  });

  it.each([
    [1_000, 1_000],
    [0, 60_000],
    [-30_000, 60_000],
  ])("cuts a response when its token ends, or a minute later: %d ms", async (left, cut) => {
    vi.useFakeTimers({ now: 1_000_000, toFake: ["setTimeout", "clearTimeout", "Date"] });
    try {
      const exp = (1_000_000 + left) / 1000;
      const verifier = { verifyRequest: async () => ({ ...access, payload: { exp } }) };
      const { answer } = await onNode(verifier, {});
      vi.advanceTimersByTime(cut - 1);
      expect(answer.destroy).not.toHaveBeenCalled();
      vi.advanceTimersByTime(1);
      expect(answer.destroy.mock.calls).toEqual([[]]);
    } finally {
      vi.useRealTimers();
    }
  });

  it("answers 500 to a handler that throws an error of a token", async () => {
    const log = vi.spyOn(console, "error").mockImplementation(() => {});
    const answer = new Answer();
    const asked = { method: "POST", url: "/mcp", headers: {} };
    await requireAccess(yes)(asked as never, answer as never, () => {
      throw new TokenError("forbidden");
    });
    expect([answer.statusCode, answer.end.mock.calls]).toEqual([
      500,
      [["Internal Server Error\n"]],
    ]);
    log.mockRestore();
  });
});
