import { EventEmitter } from "node:events";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { type McpOptions, principalOf, requireAccess } from "../../src/adapters/mcp.ts";
import { createSessions } from "../../src/adapters/mcp-sessions.ts";
import { TokenError } from "../../src/errors.ts";
import { createVerifier, type VerifiedAccessToken } from "../../src/index.ts";
import { createTestIssuer } from "../../src/testing/index.ts";
import { isWaiting } from "../support/story-clock.ts";

const issuer = await createTestIssuer();
const { audience } = issuer;
const verifier = createVerifier({ team: issuer.issuer, audience, remote: { fetch: issuer.fetch } });
const ADDRESS = "https://app.example/mcp";
const METADATA = { authorization_servers: ["https://login.example"] };
const WELL_KNOWN = "/.well-known/oauth-protected-resource";

type Fields = Record<string, string>;
const withToken = (token: string, headers: Fields = {}): Fields => ({
  "cf-access-jwt-assertion": token,
  ...headers,
});
const ask = (headers: Fields, method = "POST"): Request =>
  new Request(ADDRESS, { method, headers });
const opening = (id: string) => () => new Response("in", { headers: { "mcp-session-id": id } });
const user = (email: string, more: object = {}): Promise<string> =>
  issuer.userToken({ email, sub: `id of ${email}`, ...more });

afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
});

describe("what a tool receives", () => {
  it("is the token, the client, the end, the resource and the principal of a user", async () => {
    const guard = requireAccess(verifier, { resource: ADDRESS });
    const token = await user("ada@example.com");
    let told: unknown;
    await guard(ask(withToken(token)), (auth, access) => {
      const { principal } = access as NonNullable<typeof access>;
      const expiresAt = access?.payload.exp;
      told = auth;
      expect(auth).toEqual({
        token,
        clientId: "id of ada@example.com",
        scopes: [],
        expiresAt,
        resource: new URL(ADDRESS),
        extra: { principal },
      });
      expect(principalOf(auth)).toBe(principal);
      return new Response();
    });
    expect(told).toBeDefined();
  });

  it("is a service's client id, and no resource without a configured one", async () => {
    const token = await issuer.serviceToken({ common_name: "backup.access" });
    const handle = vi.fn((_auth: unknown) => new Response());
    await requireAccess(verifier)(ask(withToken(token)), handle);
    const [auth] = handle.mock.calls[0] ?? [];
    expect(auth).toMatchObject({ token, clientId: "backup.access" });
    expect(auth).not.toHaveProperty("resource");
  });

  it("is the one cookie of several that was accepted", async () => {
    const [good, expired] = [
      await user("ada@example.com"),
      await user("ada@example.com", { exp: 1 }),
    ];
    const cookie = `CF_Authorization=${expired}; CF_Authorization=${good}`;
    const handle = vi.fn((_auth: unknown) => new Response());
    await requireAccess(verifier)(ask({ cookie }), handle);
    expect(handle.mock.calls[0]?.[0]).toMatchObject({ token: good });
  });

  it("is no other token than the verified one", async () => {
    const forged = await issuer.sign({ sub: "mallory" });
    const elsewhere = createVerifier({
      team: issuer.issuer,
      audience,
      remote: { fetch: issuer.fetch },
      readToken: (headers) => headers.get("x-token") ?? undefined,
    });
    const handle = vi.fn((_auth: unknown) => new Response());
    const headers = withToken(forged, {
      "x-token": await user("ada@example.com"),
      authorization: `Bearer ${forged}`,
    });
    await requireAccess(elsewhere)(ask(headers), handle);
    expect(handle.mock.calls[0]?.[0]).toMatchObject({ token: "" });
  });

  it("is the scopes and the holder of another issuer's token", async () => {
    const other = createVerifier({ issuer: issuer.issuer, audience, keys: issuer.jwks() });
    const now = Math.floor(Date.now() / 1000);
    const claims = { iss: issuer.issuer, aud: audience, exp: now + 60, client_id: "cli" };
    const token = await issuer.sign({ ...claims, scope: "read  write" });
    const handle = vi.fn((_auth: unknown) => new Response());
    await requireAccess(other)(ask({ authorization: `Bearer ${token}` }), handle);
    const [auth] = handle.mock.calls[0] ?? [];
    expect(auth).toMatchObject({ token, clientId: "cli", scopes: ["read", "write"] });
    expect(() => principalOf(auth as never)).toThrow(TypeError);
  });

  it.each([
    undefined,
    null,
    {},
    { extra: {} },
    { extra: { principal: "ada" } },
    { extra: { principal: null } },
  ])("is no identity when the guard was not called: %j", (auth) => {
    expect(() => principalOf(auth as never)).toThrow(
      /^authInfo must be the value that requireAccess sets/,
    );
  });
});

describe("a session", () => {
  const ended = vi.fn();
  const start = async (options: McpOptions = {}) => {
    const guard = requireAccess(verifier, { onSessionEnd: ended, ...options });
    const token = await user("ada@example.com", { exp: Math.floor(Date.now() / 1000) + 100 });
    await guard(ask(withToken(token)), opening("s1"));
    const status = async (headers: Fields, method?: string) =>
      (await guard(ask({ "mcp-session-id": "s1", ...headers }, method), opening("s1"))).status;
    return { guard, token, status };
  };
  beforeEach(() => ended.mockReset());

  it("continues for the principal that opened it, with any of its tokens", async () => {
    const { status, token } = await start();
    expect(await status(withToken(token))).toBe(200);
    expect(await status(withToken(await user("ada@example.com")))).toBe(200);
  });

  it.each(["POST", "GET", "DELETE", "PUT"])(
    "is refused to another principal by %s",
    async (method) => {
      const onReject = vi.fn();
      const { status } = await start({ onReject });
      expect(await status(withToken(await user("mallory@example.com")), method)).toBe(404);
      expect(onReject.mock.calls[0]?.[0]).toMatchObject({ code: "forbidden" });
      expect(await status(withToken(await issuer.serviceToken()), method)).toBe(404);
    },
  );

  it("is refused to a service whose name is the user's id", async () => {
    const { status } = await start();
    const service = await issuer.serviceToken({ common_name: "id of ada@example.com" });
    expect(await status(withToken(service))).toBe(404);
  });

  it("is refused to the same id of another team", async () => {
    const globex = await createTestIssuer({ team: "globex", audience });
    const both = createVerifier([
      { team: issuer.issuer, audience, keys: issuer.jwks() },
      { team: "globex", audience, keys: globex.jwks() },
    ]);
    const guard = requireAccess(both);
    await guard(ask(withToken(await user("ada@example.com"))), opening("s1"));
    const claims = { email: "ada@example.com", sub: "id of ada@example.com" };
    const theirs = withToken(await globex.userToken(claims), { "mcp-session-id": "s1" });
    expect((await guard(ask(theirs), opening("s1"))).status).toBe(404);
  });

  it("is refused when a request names two sessions, or an unknown one", async () => {
    const { status, token } = await start();
    for (const id of ["s1, s1", "s2", "", "__proto__", "constructor"]) {
      expect(await status(withToken(token, { "mcp-session-id": id })), id).toBe(404);
    }
  });

  it("keeps its owner when an answer to another principal names it", async () => {
    const { guard, status, token } = await start();
    const mallory = withToken(await user("mallory@example.com"));
    await guard(ask(mallory), opening("s1"));
    expect(await status(mallory)).toBe(404);
    expect(await status(withToken(token))).toBe(200);
  });

  it("of a visitor without a token is separate from a user's", async () => {
    const { guard, status } = await start({ optional: true });
    expect(await status({})).toBe(404);
    await guard(ask({}), opening("s2"));
    expect(await status({ "mcp-session-id": "s2" })).toBe(200);
    const ada = withToken(await user("ada@example.com"), { "mcp-session-id": "s2" });
    expect(await status(ada)).toBe(404);
  });

  it("ends with the token, also for the owner's next token", async () => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "Date"] });
    const { status } = await start();
    const next = withToken(await user("ada@example.com"));
    vi.advanceTimersByTime(99_000);
    expect(ended).not.toHaveBeenCalled();
    vi.advanceTimersByTime(1_000);
    expect(ended.mock.calls).toEqual([["s1"]]);
    expect(await status(next)).toBe(404);
  });

  it("ends without a timer too, as where timers die with their request", async () => {
    vi.useFakeTimers({ toFake: ["Date"] });
    const { status } = await start();
    const next = withToken(await user("ada@example.com"));
    vi.setSystemTime(Date.now() + 100_000);
    expect(await status(next)).toBe(404);
    expect(ended.mock.calls).toEqual([["s1"]]);
  });

  it("lasts as long as the last token that its owner showed", async () => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "Date"] });
    const { status } = await start();
    const later = { exp: Math.floor(Date.now() / 1000) + 300 };
    expect(await status(withToken(await user("ada@example.com", later)))).toBe(200);
    // A longer token of another principal keeps nothing open.
    const longest = { exp: Math.floor(Date.now() / 1000) + 900 };
    expect(await status(withToken(await user("mallory@example.com", longest)))).toBe(404);
    vi.advanceTimersByTime(299_000);
    expect(ended).not.toHaveBeenCalled();
    vi.advanceTimersByTime(1_000);
    expect(ended).toHaveBeenCalledTimes(1);
  });

  it("is dropped to make room after ten thousand others", () => {
    const sessions = createSessions(ended);
    const holder = { owner: "ada", until: Date.now() + 100_000 };
    const admits = (id: string) => sessions.admits({ "mcp-session-id": id }, holder);
    for (let at = 1; at <= 10_001; at++) sessions.note(`s${at}`, holder);
    expect(ended.mock.calls).toEqual([["s1"]]);
    expect(["s1", "s2", "s10001"].map(admits)).toEqual([false, true, true]);
  });

  it("closes its event stream at that moment", async () => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "Date"] });
    const { guard, token } = await start();
    const cancelled = vi.fn();
    const endless = new ReadableStream({
      start: (controller) => controller.enqueue(new TextEncoder().encode("data: 1\n\n")),
      cancel: cancelled,
    });
    const headers = { "content-type": "text/event-stream", "x-own": "kept" };
    const answer = await guard(
      ask(withToken(token), "GET"),
      () => new Response(endless, { headers }),
    );
    expect(answer.headers.get("x-own")).toBe("kept");
    const reader = (answer.body as ReadableStream<Uint8Array>).getReader();
    const first = reader.read();
    expect(await isWaiting(first)).toBe(false);
    expect(new TextDecoder().decode((await first).value)).toBe("data: 1\n\n");
    const next = reader.read();
    vi.advanceTimersByTime(100_000);
    expect(await isWaiting(next)).toBe(false);
    expect(await next).toEqual({ done: true, value: undefined });
    expect(cancelled).toHaveBeenCalledTimes(1);
  });

  it("closes its event stream when its source or its reader ends", async () => {
    const { guard, token } = await start();
    const headers = { "content-type": "text/event-stream" };
    const finite = () => new Response("data: 1\n\n", { headers });
    const text = (await guard(ask(withToken(token)), finite)).text();
    expect(await isWaiting(text)).toBe(false);
    expect(await text).toBe("data: 1\n\n");
    const cancel = vi.fn();
    const answer = await guard(
      ask(withToken(token)),
      () => new Response(new ReadableStream({ cancel }), { headers }),
    );
    await answer.body?.cancel("enough");
    expect(cancel).toHaveBeenCalledWith("enough");
  });
});

describe("on Node", () => {
  class Answer extends EventEmitter {
    statusCode = 200;
    headersSent = false;
    readonly fields: Fields = {};
    readonly destroy = vi.fn();
    setHeader(name: string, value: string): void {
      this.fields[name.toLowerCase()] = value;
    }
    getHeader(name: string): string | undefined {
      return this.fields[name];
    }
    writeHead(status: number): this {
      this.statusCode = status;
      return this;
    }
    end(): void {
      this.emit("close");
    }
  }
  type Head = readonly unknown[];
  const run = async (
    guard: ReturnType<typeof requireAccess<VerifiedAccessToken>>,
    headers: Fields,
    head: Head = [200],
    prepare: (answer: Answer) => void = () => {},
  ) => {
    const request = { method: "POST", url: "/mcp", headers, auth: undefined as unknown };
    const answer = new Answer();
    await guard(request as never, answer as never, () => {
      prepare(answer);
      answer.writeHead(...(head as [number]));
    });
    return { request, answer };
  };

  it.each<[string, Head]>([
    ["an object", [200, { "Mcp-Session-Id": "s1" }]],
    ["a status text and an object", [200, "OK", { "mcp-session-id": "s1" }]],
    ["a flat list", [200, ["content-type", "mcp-session-id", "MCP-Session-Id", "s1"]]],
    ["a list of pairs", [200, [["mcp-session-id", "s1"]]]],
    ["a list of one", [200, { "mcp-session-id": ["s1"] }]],
  ])("records a session that an answer opens by %s", async (_, head) => {
    const guard = requireAccess(verifier);
    const ada = withToken(await user("ada@example.com"));
    const { request } = await run(guard, ada, head);
    expect(request.auth).toMatchObject({ clientId: "id of ada@example.com" });
    const session = { "mcp-session-id": "s1" };
    expect((await run(guard, { ...ada, ...session })).answer.statusCode).toBe(200);
    const mallory = withToken(await user("mallory@example.com"));
    const { answer, request: refused } = await run(guard, { ...mallory, ...session });
    expect(answer.statusCode).toBe(404);
    expect(refused.auth).toBeUndefined();
  });

  it("records a session from a header that was set before", async () => {
    const guard = requireAccess(verifier);
    const ada = withToken(await user("ada@example.com"));
    await run(guard, ada, [200], (answer) => answer.setHeader("Mcp-Session-Id", "s1"));
    const session = { ...ada, "mcp-session-id": "s1" };
    expect((await run(guard, session)).answer.statusCode).toBe(200);
  });

  it("cuts a response that is still being sent when the token ends", async () => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "Date"] });
    const guard = requireAccess(verifier);
    const exp = Math.floor(Date.now() / 1000) + 100;
    const ada = withToken(await user("ada@example.com", { exp }));
    const { answer } = await run(guard, ada);
    const { answer: done } = await run(guard, ada);
    done.emit("close");
    vi.advanceTimersByTime(100_000);
    expect(answer.destroy).toHaveBeenCalledTimes(1);
    expect(done.destroy).not.toHaveBeenCalled();
  });

  it("keeps no timer for a response whose client left while it decided", async () => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "Date"] });
    const headers = withToken(await user("ada@example.com"));
    const left = Object.assign(new Answer(), { destroyed: true });
    const before = vi.getTimerCount();
    await requireAccess(verifier)({ url: "/mcp", headers } as never, left as never, () => {});
    expect(vi.getTimerCount()).toBe(before);
  });

  it.each([false, true])("answers or cuts a failure behind it: %s", async (headersSent) => {
    const log = vi.spyOn(console, "error").mockImplementation(() => {});
    const request = {
      method: "POST",
      url: "/mcp",
      headers: withToken(await user("ada@x.example")),
    };
    const answer = Object.assign(new Answer(), { headersSent });
    const fault = new TokenError("token_missing");
    await requireAccess(verifier)(request as never, answer as never, async () => {
      throw fault;
    });
    expect(log).toHaveBeenCalledWith(fault);
    expect(answer.destroy).toHaveBeenCalledTimes(headersSent ? 1 : 0);
    expect(answer.statusCode).toBe(headersSent ? 200 : 500);
  });

  it("lets a token in its grace period finish its request", async () => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "Date"] });
    const guard = requireAccess(verifier);
    const exp = Math.floor(Date.now() / 1000) - 30;
    const { answer } = await run(guard, withToken(await user("ada@example.com", { exp })));
    vi.advanceTimersByTime(59_000);
    expect(answer.destroy).not.toHaveBeenCalled();
    vi.advanceTimersByTime(1_000);
    expect(answer.destroy).toHaveBeenCalledTimes(1);
  });
});

describe("discovery", () => {
  const get = (
    options: McpOptions,
    path: string,
    { method = "GET", headers = {} }: { method?: string; headers?: Fields } = {},
  ) =>
    requireAccess(verifier, options)(
      new Request(`https://app.example${path}`, { method, headers }),
      () => new Response("in"),
    );
  const announced = { resource: ADDRESS, resourceMetadata: METADATA };

  it("answers the document at both addresses, without a token, to pages of every origin", async () => {
    for (const path of [WELL_KNOWN, `${WELL_KNOWN}/mcp`, `${WELL_KNOWN}/mcp?x`]) {
      const answer = await get(announced, path);
      expect(answer.status).toBe(200);
      expect(answer.headers.get("access-control-allow-origin")).toBe("*");
      expect(answer.headers.get("content-type")).toBe("application/json");
      expect(await answer.json()).toEqual({ resource: ADDRESS, ...METADATA });
    }
    expect(await (await get(announced, WELL_KNOWN, { method: "HEAD" })).text()).toBe("");
    const preflight = await get(announced, WELL_KNOWN, { method: "OPTIONS" });
    expect(preflight.status).toBe(204);
    expect(preflight.headers.get("access-control-allow-headers")).toBe("mcp-protocol-version");
    expect((await get(announced, WELL_KNOWN, { method: "POST" })).status).toBe(405);
  });

  it("opens no other path", async () => {
    const others = ["/other", "/mcp/", "/../mcp", "%2fmcp", "/mcp/x", "x", "//mcp"];
    for (const rest of others) expect((await get(announced, WELL_KNOWN + rest)).status).toBe(401);
  });

  it("names the document in a challenge, and in no other answer", async () => {
    const challenge = (answer: Response) => answer.headers.get("www-authenticate");
    const url = `resource_metadata="https://app.example${WELL_KNOWN}/mcp"`;
    const none = await get(announced, "/mcp");
    expect(challenge(none)).toBe(`Bearer realm="Cloudflare Access", ${url}`);
    const bad = await get(announced, "/mcp", { headers: withToken("x") });
    expect(challenge(bad)).toBe(`Bearer realm="Cloudflare Access", error="invalid_token", ${url}`);
    const unwanted = { verifyRequest: () => Promise.reject(new TokenError("forbidden")) };
    const forbidden = await requireAccess(unwanted, announced)(ask({}), () => new Response("in"));
    expect([forbidden.status, challenge(forbidden)]).toEqual([403, null]);
  });

  it("says nothing when the edge answers", async () => {
    for (const path of [WELL_KNOWN, `${WELL_KNOWN}/mcp`, "/mcp"]) {
      const answer = await get({ resource: ADDRESS }, path);
      expect(answer.status).toBe(401);
      expect(answer.headers.get("www-authenticate")).toBe('Bearer realm="Cloudflare Access"');
    }
  });

  it.each<[string, string, string]>([
    ["https://app.example", WELL_KNOWN, "https://app.example"],
    ["https://app.example/", WELL_KNOWN, "https://app.example"],
    ["https://app.example/a/mcp/", `${WELL_KNOWN}/a/mcp`, "https://app.example"],
    ["http://127.0.0.1:3000/mcp", `${WELL_KNOWN}/mcp`, "http://127.0.0.1:3000"],
  ])("derives the document's address for %s", async (resource, path, origin) => {
    const options = { resource, resourceMetadata: METADATA };
    const answer = await get(options, "/mcp");
    expect(answer.headers.get("www-authenticate")).toContain(`"${origin}${path}"`);
    expect(await (await get(options, path)).json()).toMatchObject({ resource });
  });

  it.each([
    ["resource must be an https URL", { resource: "http://app.example/mcp" }],
    ["resource must be an https URL", { resource: "app.example" }],
    ["resource must be an https URL", { resource: "https://me@app.example/mcp" }],
    ["resource must be a URL without query", { resource: "https://app.example/mcp#x" }],
    ["resource must be a URL without query", { resource: "https://app.example/mcp?" }],
    ["resource must be a URL, with", { resourceMetadata: METADATA }],
    ["resourceMetadata must be an object", { resource: ADDRESS, resourceMetadata: true }],
    ["authorization_servers must be", { resource: ADDRESS, resourceMetadata: {} }],
    [
      "authorization_servers must be",
      { resource: ADDRESS, resourceMetadata: { authorization_servers: [] } },
    ],
    [
      "authorization_servers must be an https URL",
      { resource: ADDRESS, resourceMetadata: { authorization_servers: ["login.example"] } },
    ],
    [
      "scopes_supported must be",
      { resource: ADDRESS, resourceMetadata: { ...METADATA, scopes_supported: "read" } },
    ],
    [
      "resource_name must be",
      { resource: ADDRESS, resourceMetadata: { ...METADATA, resource_name: 1 } },
    ],
    ["onSessionEnd must be a function", { onSessionEnd: "close" }],
  ])("refuses at once: %s, for %j", (message, options) => {
    expect(() => requireAccess(verifier, options as never)).toThrow(TypeError);
    expect(() => requireAccess(verifier, options as never)).toThrow(message);
  });

  it("refuses a call without a handler", async () => {
    const guard = requireAccess(verifier);
    await expect(guard(ask({}), undefined as never)).rejects.toThrow("handle must be a function");
  });
});
