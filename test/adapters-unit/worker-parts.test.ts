import { afterEach, describe, expect, it, vi } from "vitest";
import { guardWorker } from "../../src/adapters/worker.ts";
import { askContext } from "../../src/adapters/worker-context.ts";
import { KeySetError, TokenError } from "../../src/errors.ts";

const TAG = "a".repeat(64);
const ISSUER = "https://acme.cloudflareaccess.com";
const ADA = { email: "ada@acme.com", user_uuid: "ada" };
const contextOf = (identity: unknown, aud: unknown = TAG) => ({
  access: { aud, getIdentity: () => identity },
});
const ask = (context: unknown) => askContext(context, [TAG], ISSUER);
const inside = (..._given: unknown[]): Response => new Response("in");
const request = (): Request => new Request("https://app.example/");

afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
});

describe("the caller of ctx.access", () => {
  it("is neither found nor a problem without ctx.access", async () => {
    for (const context of [undefined, null, "ctx", 7, {}, { access: undefined }]) {
      expect(await ask(context)).toEqual({ access: undefined, problem: undefined });
    }
  });

  it.each([
    [contextOf(ADA, "b".repeat(64)), "audience_mismatch", "is for another application"],
    [contextOf(ADA, null), "audience_mismatch", "is for another application"],
    [{ access: null }, "audience_mismatch", "is for another application"],
    [{ access: TAG }, "audience_mismatch", "is for another application"],
    [contextOf(undefined), "claim_invalid", "has no user with user_uuid and email"],
    [contextOf({ ...ADA, err: null }), "claim_invalid", "has no user with user_uuid and email"],
  ])("is a problem with its reason: %o", async (context, code, why) => {
    const { access, problem } = await ask(context);
    expect(access).toBe(undefined);
    expect(problem).toMatchObject({ code, cause: { message: `ctx.access ${why}` } });
  });

  it.each([
    [undefined, {}],
    [{}, {}],
    [null, {}],
    ["CZ", {}],
    [{ country: "" }, {}],
    [{ country: 7 }, {}],
    [{ country: "CZ" }, { country: "CZ" }],
  ])("has a country that is a text: %j", async (geo, country) => {
    const { access } = await ask(contextOf({ ...ADA, geo }));
    const principal = { kind: "user", id: "ada", email: "ada@acme.com", issuer: ISSUER };
    expect(access?.principal).toEqual({ ...principal, ...country });
    expect(Object.isFrozen(access) && Object.isFrozen(access?.principal)).toBe(true);
  });

  it.each(["payload", "header"])("has no %s, and says what to check first", async (name) => {
    const { access } = await ask(contextOf(ADA));
    expect(() => (access as unknown as Record<string, unknown>)[name]).toThrow(
      new TypeError(`ctx.access has no ${name}: check source first`),
    );
    expect(Object.keys(access ?? {})).not.toContain(name);
  });

  it("is waited for five seconds", async () => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    const settled = vi.fn();
    ask(contextOf(new Promise(() => {}))).then(settled);
    await vi.advanceTimersByTimeAsync(4_999);
    expect(settled).not.toHaveBeenCalled();
    await vi.advanceTimersByTimeAsync(1);
    expect(settled.mock.calls[0]?.[0].problem.code).toBe("claim_invalid");
  });
});

describe("guardWorker", () => {
  const required = { team: "acme", audience: TAG };
  const verifying = (verifyRequest: (...given: unknown[]) => unknown) => {
    const create = vi.fn((_options: object) => ({ verifyRequest }) as never);
    return { create, given: () => create.mock.calls[0]?.[0] as Record<string, unknown> };
  };
  const missing = async () => Promise.reject(new TokenError("token_missing"));

  it("gives the verifier its own options, and none of the adapter", () => {
    const { create, given } = verifying(missing);
    const own = { remote: {}, clockToleranceSeconds: 5, onEvent: () => {} };
    const ofAdapter = { onReject: () => {}, publicPaths: ["/"], optional: true };
    guardWorker(create, { ...required, ...own, ...ofAdapter, allowPreflight: true }, inside);
    expect(given()).toEqual({ ...required, ...own, keys: undefined, check: undefined });
    const keys = verifying(missing);
    guardWorker(keys.create, { ...required, keys: {} as never }, inside);
    expect(keys.given()["keys"]).toEqual({});
  });

  it("gives a check the token, with its source and all that the verifier gives", async () => {
    const check = vi.fn((..._given: unknown[]) => true);
    const { create, given } = verifying(missing);
    guardWorker(create, { ...required, check }, inside);
    const call = { waitUntil: () => {} };
    const ofVerifier = given()["check"] as (...given: unknown[]) => unknown;
    expect(ofVerifier({ issuer: ISSUER }, call, "a.b.c")).toBe(true);
    expect(check.mock.calls).toEqual([[{ issuer: ISSUER, source: "assertion" }, call, "a.b.c"]]);
    expect(Object.isFrozen(check.mock.calls[0]?.[0])).toBe(true);
  });

  it("gives a check the context's caller, with the platform's waitUntil and no token", async () => {
    const check = vi.fn((..._given: unknown[]) => true);
    const { create } = verifying(missing);
    const waitUntil = vi.fn();
    const context = { ...contextOf(ADA), waitUntil };
    await guardWorker(create, { ...required, check }, inside)(request(), {}, context);
    const [access, call, token] = check.mock.calls[0] ?? [];
    expect(access).toMatchObject({ source: "context", principal: { id: "ada" } });
    (call as { waitUntil(promise: unknown): void }).waitUntil("work");
    expect(waitUntil).toHaveBeenCalledWith("work");
    expect(token).toBe("");
  });

  it.each<[unknown, number, object]>([
    [new TokenError("token_missing"), 401, { code: "audience_mismatch" }],
    [new TokenError("token_expired"), 401, { code: "token_expired" }],
    [new KeySetError("fetch_failed"), 503, { code: "fetch_failed" }],
    [Object.assign(new Error("a bug"), { code: "token_missing" }), 500, { message: "a bug" }],
  ])("tells the reason of the assertion, unless there is none: %s", async (error, status, told) => {
    const log = vi.spyOn(console, "error").mockImplementation(() => {});
    const onReject = vi.fn();
    const { create } = verifying(() => Promise.reject(error));
    const handler = guardWorker(create, { ...required, onReject }, inside);
    const answer = await handler(request(), {}, contextOf(ADA, "b".repeat(64)));
    expect(answer.status).toBe(status);
    expect(onReject.mock.calls[0]?.[0]).toMatchObject(told);
    expect(log.mock.calls).toEqual(status === 500 ? [[error]] : []);
  });

  it("says that a refusal by the check is about a genuine caller", async () => {
    const onReject = vi.fn();
    const { create } = verifying(missing);
    const check = () => false;
    await guardWorker(create, { ...required, check, onReject }, inside)(
      request(),
      {},
      contextOf(ADA),
    );
    expect(onReject.mock.calls[0]?.[0]).toMatchObject({ code: "forbidden", verified: true });
  });
});
