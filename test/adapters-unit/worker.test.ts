import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { guardWorker, type WorkerAccess } from "../../src/adapters/fetch.ts";
import { allowCustom, allowEmails, allowServices, some } from "../../src/checks/index.ts";
import { KeySetError, TokenError } from "../../src/errors.ts";
import { createVerifier } from "../../src/index.ts";
import { createTestIssuer } from "../../src/testing/index.ts";
import { atOnce } from "../support/story-clock.ts";

const issuer = await createTestIssuer();
const [HOST, WORKER, ACCOUNT] = [issuer.audience, "b".repeat(64), "c".repeat(64)];
const FOREIGN = "d".repeat(64);
const options = { team: issuer.issuer, audience: [HOST, WORKER, ACCOUNT], keys: issuer.jwks() };
const ADA = { email: "ada@example.com", user_uuid: "ada", geo: { country: "CZ" } };

/** A context as the platform builds it: `aud` as its own member, `getIdentity` of its class. */
class AccessContext {
  readonly aud: unknown;
  readonly #identity: unknown;
  constructor(aud: unknown, identity?: unknown) {
    this.aud = aud;
    this.#identity = identity;
  }
  async getIdentity(): Promise<unknown> {
    return this.#identity;
  }
}
const contextOf = (access: unknown) => ({ access, waitUntil: () => {} });

let seen: WorkerAccess | undefined;
const onReject = vi.fn();
async function visit(ctx: unknown, token?: string, more: object = {}): Promise<number> {
  const handler = guardWorker(
    createVerifier,
    { ...options, onReject, ...more },
    (_request, access) => {
      seen = access;
      return new Response("in");
    },
  );
  const headers = token === undefined ? {} : { "cf-access-jwt-assertion": token };
  return (await handler(new Request("https://app.example/", { headers }), {}, ctx)).status;
}
const reason = (): unknown => onReject.mock.calls[0]?.[0]?.code;

beforeEach(() => {
  seen = undefined;
  onReject.mockReset();
  vi.spyOn(console, "error").mockImplementation(() => {});
});
afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
});

describe("ctx.access", () => {
  it.each([HOST, WORKER, ACCOUNT])(
    "names the user when its tag is one of several: %s",
    async (aud) => {
      expect(await visit(contextOf(new AccessContext(aud, ADA)))).toBe(200);
      expect(seen).toEqual({
        source: "context",
        issuer: issuer.issuer,
        identity: ADA,
        principal: {
          kind: "user",
          id: "ada",
          email: "ada@example.com",
          issuer: issuer.issuer,
          country: "CZ",
        },
      });
      expect(Object.isFrozen(seen) && Object.isFrozen(seen?.principal)).toBe(true);
    },
  );

  it.each<[string, unknown]>([
    ["another application", FOREIGN],
    ["upper case", HOST.toUpperCase()],
    ["a part", HOST.slice(0, 63)],
    ["more", `${HOST} `],
    ["a list", [HOST]],
    ["an object that reads like it", { toString: () => HOST }],
    ["nothing", undefined],
    ["an empty string", ""],
  ])("of %s gives no identity", async (_, aud) => {
    expect(await visit(contextOf(new AccessContext(aud, ADA)))).toBe(401);
    expect(reason()).toBe("audience_mismatch");
    expect(seen).toBeUndefined();
  });

  it.each<[string, unknown]>([
    ["a service token, which has none", undefined],
    ["null", null],
    ["a string", "ada@example.com"],
    ["an array", ["ada"]],
    ["no email", { user_uuid: "ada" }],
    ["no id", { email: "ada@example.com" }],
    ["an empty id", { ...ADA, user_uuid: "" }],
    ["an empty email", { ...ADA, email: "" }],
    ["an email of another type", { ...ADA, email: ["ada@example.com"] }],
    ["an id of another type", { ...ADA, user_uuid: 1 }],
    ["inherited members", Object.create(ADA)],
    ["an error", { ...ADA, err: "no app token set" }],
  ])("with the identity of %s gives no identity", async (_, identity) => {
    expect(await visit(contextOf(new AccessContext(HOST, identity)))).toBe(401);
    expect(reason()).toBe("claim_invalid");
  });

  it.each<[string, unknown]>([
    ["a context that is none", undefined],
    ["null", null],
    ["a string", "access"],
    ["no access, as behind Static Assets and service bindings", contextOf(undefined)],
    ["access of Object.prototype", {}],
  ])("is not taken from %s", async (_, ctx) => {
    const everyone = Object.prototype as { access?: unknown };
    everyone.access = new AccessContext(HOST, ADA);
    try {
      expect(await visit(ctx)).toBe(401);
    } finally {
      delete everyone.access;
    }
    expect(reason()).toBe("token_missing");
  });

  it.each<[string, object]>([
    ["has none", { aud: HOST }],
    ["is none", { aud: HOST, getIdentity: "ada" }],
    [
      "throws",
      {
        aud: HOST,
        getIdentity: () => {
          throw new Error("down");
        },
      },
    ],
    ["rejects", { aud: HOST, getIdentity: () => Promise.reject(new Error("down")) }],
  ])("whose getIdentity %s gives no identity", async (_, access) => {
    expect(await visit(contextOf(access))).toBe(401);
    const token = await issuer.userToken({ email: "ada@example.com" });
    expect(await visit(contextOf(access), token)).toBe(200);
    expect(seen?.source).toBe("assertion");
  });

  it.each([[true], [1], ["x"], [{}], [[]]])(
    "that is malformed gives no identity: %j",
    async (access) => {
      expect(await visit(contextOf(access))).toBe(401);
    },
  );

  it("that never answers is dropped at the time limit", async () => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    const token = await issuer.userToken({ email: "ada@example.com" });
    const access = { aud: HOST, getIdentity: () => new Promise(() => {}) };
    const answered = visit(contextOf(access), token);
    await vi.advanceTimersByTimeAsync(5000);
    expect(await atOnce(answered)).toBe(200);
    expect(seen?.source).toBe("assertion");
  });
});

describe("the assertion", () => {
  it.each<[string, unknown]>([
    ["there is no context", {}],
    ["the context is of another application", contextOf(new AccessContext(FOREIGN, ADA))],
    ["the context has no identity", contextOf(new AccessContext(HOST))],
  ])("gives the identity when %s", async (_, ctx) => {
    const token = await issuer.userToken({ email: "bob@example.com", sub: "bob" });
    expect(await visit(ctx, token)).toBe(200);
    expect(seen?.principal).toMatchObject({ kind: "user", id: "bob", email: "bob@example.com" });
    expect(seen).toMatchObject({ source: "assertion", payload: { sub: "bob" } });
    const service = await issuer.serviceToken({ common_name: "backup.access" });
    expect(await visit(ctx, service)).toBe(200);
    expect(seen?.principal).toMatchObject({ kind: "service", name: "backup.access" });
  });

  it("is refused as before, with its own reason", async () => {
    const ctx = contextOf(new AccessContext(FOREIGN, ADA));
    for (const { token } of await issuer.hostileTokens()) {
      onReject.mockReset();
      expect(await visit(ctx, token)).toBe(401);
      expect(seen).toBeUndefined();
    }
    expect(await visit(ctx, "x")).toBe(401);
  });

  it("of another application is refused, whatever the context of that application says", async () => {
    const token = await issuer.userToken({ aud: [FOREIGN] });
    expect(await visit(contextOf(new AccessContext(FOREIGN, ADA)), token)).toBe(401);
    expect(reason()).toBe("audience_mismatch");
  });
});

describe("a condition", () => {
  const ways = async () => [
    { ctx: contextOf(new AccessContext(HOST, ADA)), token: undefined },
    { ctx: {}, token: await issuer.userToken({ email: "ada@example.com", sub: "ada" }) },
  ];

  it("applies to both ways", async () => {
    for (const { ctx, token } of await ways()) {
      expect(await visit(ctx, token, { check: allowEmails("example.com") })).toBe(200);
      const check = some(allowEmails("acme.com"), allowServices());
      expect(await visit(ctx, token, { check })).toBe(403);
      expect(await visit(ctx, token, { check: async () => false })).toBe(403);
      expect(await visit(ctx, token, { check: () => "yes" })).toBe(403);
      expect(await visit(ctx, token, { check: () => undefined })).toBe(200);
    }
  });

  it("that throws is answered like a verifier's, in both ways", async () => {
    const thrown: [unknown, number][] = [
      [new TokenError("forbidden"), 403],
      [new KeySetError("backing_off"), 503],
      [new Error("a bug"), 500],
      [undefined, 500],
      [new Response("in"), 500],
    ];
    for (const { ctx, token } of await ways()) {
      for (const [error, status] of thrown) {
        const check = () => {
          throw error;
        };
        expect(await visit(ctx, token, { check })).toBe(status);
      }
    }
  });

  it.each([
    ["payload", ({ payload }: { payload?: { custom?: unknown } }) => payload?.custom === undefined],
    ["header", ({ header }: { header?: { kid?: unknown } }) => header?.kid === undefined],
    ["a claim", allowCustom("groups", () => true)],
  ])("on the token is not run when there is none: %s", async (_, check) => {
    expect(await visit(contextOf(new AccessContext(HOST, ADA)), undefined, { check })).toBe(500);
    expect(seen).toBeUndefined();
  });
});

describe("the options common to all adapters", () => {
  it("open public paths, and let visitors in when optional is on", async () => {
    expect(await visit({}, undefined, { publicPaths: ["/"] })).toBe(200);
    expect(await visit({}, undefined, { optional: true })).toBe(200);
    expect(seen).toBeUndefined();
    // A request from another application brings a token, and the wrong one.
    const foreign = contextOf(new AccessContext(FOREIGN, ADA));
    expect(await visit(foreign, undefined, { optional: true })).toBe(401);
  });

  it("pass env and ctx on", async () => {
    const handler = guardWorker(createVerifier, options, (_request, _access, env, ctx) =>
      Response.json([env, (ctx as { access: AccessContext }).access.aud]),
    );
    const ctx = contextOf(new AccessContext(WORKER, ADA));
    const answer = await handler(new Request("https://app.example/"), "env", ctx);
    expect(await answer.json()).toEqual(["env", WORKER]);
  });

  it.each([
    ["requiredClaims", ["custom"]],
    ["maxTokenAgeSeconds", 60],
    ["requireHeaderType", true],
    ["tokenType", "org"],
    ["readToken", () => "x"],
  ])("refuse %s, which would apply to one way only", (name, value) => {
    const make = () =>
      guardWorker(createVerifier, { ...options, [name]: value }, () => new Response());
    expect(make).toThrow(`options must not have "${name}"`);
  });

  it.each<[string, unknown[]]>([
    [
      "createVerifier must be createVerifier of postern",
      [createVerifier(options), options, () => {}],
    ],
    ["handler must be a function", [createVerifier, options]],
    ["options must be an object", [createVerifier, undefined, () => {}]],
    ["check must be a function", [createVerifier, { ...options, check: true }, () => {}]],
    ["audience must be", [createVerifier, { ...options, audience: [] }, () => {}]],
    ["audience must be", [createVerifier, { ...options, audience: [HOST, undefined] }, () => {}]],
    ["team must be", [createVerifier, { ...options, team: undefined }, () => {}]],
  ])("refuses at once: %s", (message, given) => {
    expect(() => guardWorker(...(given as Parameters<typeof guardWorker>))).toThrow(message);
  });

  it("copy a list of audiences, so that a later change has no effect", async () => {
    const audience = [HOST];
    const handler = guardWorker(createVerifier, { ...options, audience }, () => new Response("in"));
    audience.push(FOREIGN);
    const ctx = contextOf(new AccessContext(FOREIGN, ADA));
    expect((await handler(new Request("https://app.example/"), {}, ctx)).status).toBe(401);
  });
});
