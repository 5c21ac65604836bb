import { describe, expect, it, vi } from "vitest";
import { createGate } from "../../src/adapters/gate.ts";
import { KeySetError, TokenError } from "../../src/errors.ts";
import { createVerifier } from "../../src/index.ts";
import { createTestIssuer } from "../../src/testing/index.ts";

const request = { headers: { accept: "text/html" } };
const granted = { payload: {} };
const yes = { verifyRequest: async () => granted };

describe("the gate", () => {
  it("passes on what the verifier accepted", async () => {
    expect(await createGate(yes)(request, "/")).toEqual({ access: granted });
  });

  it.each([undefined, null, true, "yes"])(
    "refuses when a verifier answers %s instead of a token",
    async (answer) => {
      const gate = createGate({ verifyRequest: async () => answer } as never);
      expect((await gate(request, "/")).rejection).toMatchObject({ status: 500, isFault: true });
    },
  );

  it.each([
    [
      "throws at once",
      () => {
        throw undefined;
      },
    ],
    ["rejects with nothing", () => Promise.reject()],
    ["rejects with a word", () => Promise.reject("route")],
  ])("stays shut when a verifier %s", async (_how, verifyRequest) => {
    const gate = createGate({ verifyRequest } as never);
    expect((await gate(request, "/")).rejection?.status).toBe(500);
  });

  it("stays shut when the predicate of public paths throws", async () => {
    const publicPaths = (): boolean => {
      throw new Error("a bug");
    };
    const { access, rejection } = await createGate(yes, { publicPaths })(request, "/");
    expect(access).toBe(undefined);
    expect(rejection?.status).toBe(500);
  });

  it("refuses a request without headers", async () => {
    const { issuer, audience, fetch } = await createTestIssuer({ decoyKeys: true });
    const gate = createGate(createVerifier({ team: issuer, audience, remote: { fetch } }));
    expect((await gate({} as never, "/")).rejection?.status).toBe(401);
  });

  it("calls no verifier on a public path, and passes on nothing", async () => {
    const verifyRequest = vi.fn(yes.verifyRequest);
    const gate = createGate({ verifyRequest }, { publicPaths: ["/health"] });
    expect(await gate(request, "/health")).toEqual({});
    expect(verifyRequest).not.toHaveBeenCalled();
    expect(await gate(request, "/health/..")).toEqual({ access: granted });
  });

  it("tells the listener the reason, and the listener cannot change the outcome", async () => {
    const error = new TokenError("token_expired");
    const refuse = { verifyRequest: () => Promise.reject(error) };
    const told: unknown[] = [];
    const listeners = [
      (...given: unknown[]) => void told.push(given),
      () => {
        throw new Error("a bug");
      },
      () => Promise.reject(new Error("a bug")) as never,
    ];
    for (const onReject of listeners) {
      const { rejection } = await createGate(refuse, { onReject })(request, "/");
      expect(rejection?.status).toBe(401);
    }
    expect(told).toEqual([[error, request]]);
  });

  it("narrows a shared verifier to one application", async () => {
    const issuer = await createTestIssuer({ decoyKeys: true, audience: "wiki" });
    const verifier = createVerifier({
      team: issuer.issuer,
      audience: ["wiki", "admin"],
      remote: { fetch: issuer.fetch },
    });
    const headers = { "cf-access-jwt-assertion": await issuer.userToken() };
    const wiki = createGate(verifier, { audience: "wiki" });
    const admin = createGate(verifier, { audience: ["admin"] });
    expect((await wiki({ headers }, "/")).access?.principal.kind).toBe("user");
    expect((await admin({ headers }, "/")).rejection?.status).toBe(401);
    // A mistyped tag refuses every request, and the message says what is wrong.
    const { rejection } = await createGate(verifier, { audience: "wikki" })({ headers }, "/");
    expect(rejection).toMatchObject({ status: 500, error: { name: "TypeError" } });
    expect(rejection?.error.message).toContain("audience must be one of those configured");
  });

  it("passes waitUntil to the verifier", async () => {
    const verifyRequest = vi.fn(yes.verifyRequest);
    const waitUntil = (): void => {};
    await createGate({ verifyRequest })(request, "/", waitUntil);
    expect(verifyRequest).toHaveBeenCalledWith(request, { waitUntil });
  });

  it("reads the client's preference from either kind of headers", async () => {
    const refuse = { verifyRequest: () => Promise.reject(new TokenError("token_missing")) };
    const accept = "application/json";
    const type = async (headers: object): Promise<string | undefined> =>
      (await createGate(refuse)({ headers } as never, "/")).rejection?.contentType;
    expect(await type({ accept })).toBe("application/problem+json");
    expect(await type(new Headers({ accept }))).toBe("application/problem+json");
    expect(await type({ accept: [accept] })).toBe("application/problem+json");
  });

  it("calls the verifier on a public path when the request's host is malformed", async () => {
    const verifyRequest = vi.fn(() => Promise.reject(new TokenError("token_missing")));
    for (const publicPaths of [["/public"], () => true]) {
      const gate = createGate({ verifyRequest }, { publicPaths });
      for (const host of ["x/admin?", "x/public?", "x#", "user@x", "x\\admin"]) {
        const { rejection } = await gate({ method: "GET", headers: { host } }, "/public");
        expect(rejection?.status, host).toBe(401);
      }
    }
    expect(verifyRequest).toHaveBeenCalledTimes(10);
  });

  it.each([
    [undefined, {}],
    [{}, {}],
    [yes, null],
    [yes, "/health"],
    [yes, { onReject: "log" }],
    [yes, { publicPaths: "/health" }],
    [yes, { audience: undefined }],
    [yes, { audience: "" }],
    [yes, { audience: [] }],
    [yes, { audience: ["wiki", ""] }],
    [yes, { audience: 7 }],
    [yes, { optional: "false" }],
    [yes, { optional: 1 }],
    [yes, { optional: null }],
    [yes, { allowPreflight: "true" }],
    [yes, { allowPreflight: null }],
    [yes, { allowPreflights: true }],
    [yes, { optionnal: true }],
  ])("refuses wrong options at once", (verifier, options) => {
    expect(() => createGate(verifier as never, options as never)).toThrow(TypeError);
  });
});

const missing = () => Promise.reject(new TokenError("token_missing"));

describe("optional", () => {
  it("lets a request without a token go on, and passes on nothing", async () => {
    const onReject = vi.fn();
    const gate = createGate({ verifyRequest: missing }, { optional: true, onReject });
    expect(await gate(request, "/")).toEqual({});
    expect(onReject).not.toHaveBeenCalled();
    expect(await createGate(yes, { optional: true })(request, "/")).toEqual({ access: granted });
  });

  it("refuses everything except the absence of a token", async () => {
    const others = [
      ...(
        [
          "token_ambiguous",
          "token_malformed",
          "token_too_large",
          "key_not_found",
          "signature_invalid",
          "token_expired",
          "audience_mismatch",
          "forbidden",
        ] as const
      ).map((code) => new TokenError(code)),
      new KeySetError("fetch_failed"),
      Object.assign(new Error("a bug"), { code: "token_missing" }),
      undefined,
      "token_missing",
    ];
    for (const error of others) {
      const gate = createGate({ verifyRequest: () => Promise.reject(error) }, { optional: true });
      const { access, rejection } = await gate(request, "/");
      expect(access).toBe(undefined);
      expect(rejection?.status, String(error)).toBeGreaterThanOrEqual(401);
    }
  });

  it("refuses a forged token in either place, with a real verifier", async () => {
    const { issuer, audience, fetch, userToken } = await createTestIssuer({ decoyKeys: true });
    const verifier = createVerifier({ team: issuer, audience, remote: { fetch } });
    const gate = createGate(verifier, { optional: true });
    const status = async (headers: Record<string, string>): Promise<number | undefined> =>
      (await gate({ headers }, "/")).rejection?.status;
    expect(await status({})).toBe(undefined);
    expect(await status({ cookie: "theme=dark" })).toBe(undefined);
    const token = await userToken();
    expect(await status({ "cf-access-jwt-assertion": token })).toBe(undefined);
    // An empty header counts as no token.
    for (const empty of ["", " "]) {
      expect(await status({ "cf-access-jwt-assertion": empty })).toBe(undefined);
    }
    for (const bad of ["x", token.slice(0, -1), `${token}.`]) {
      expect(await status({ "cf-access-jwt-assertion": bad }), bad).toBe(401);
    }
    expect(await status({ cookie: `CF_Authorization=${token.slice(0, -1)}` })).toBe(401);
  });

  it.each([undefined, false])("is off when it is %s", async (optional) => {
    const gate = createGate({ verifyRequest: missing }, { optional });
    expect((await gate(request, "/")).rejection?.status).toBe(401);
  });
});

describe("allowPreflight", () => {
  const PREFLIGHT = {
    origin: "https://app.example.com",
    "access-control-request-method": "POST",
  };
  const gate = createGate({ verifyRequest: missing }, { allowPreflight: true });
  const goesOn = async (method: string | undefined, headers: object, more = {}) =>
    (await gate({ method, headers, ...more } as never, "/")).rejection === undefined;

  it("lets a CORS preflight go on without reading a token", async () => {
    const verifyRequest = vi.fn(missing);
    const asks = createGate({ verifyRequest }, { allowPreflight: true });
    expect(await asks({ method: "OPTIONS", headers: PREFLIGHT }, "/")).toEqual({});
    expect(verifyRequest).not.toHaveBeenCalled();
    for (const more of [
      { "access-control-request-headers": "x-one" },
      { "content-length": "0" },
      { cookie: "theme=dark" },
    ]) {
      expect(await goesOn("OPTIONS", { ...PREFLIGHT, ...more })).toBe(true);
      expect(await goesOn("OPTIONS", new Headers({ ...PREFLIGHT, ...more }))).toBe(true);
    }
  });

  it.each([
    ["without Origin", { origin: undefined }],
    ["with an empty Origin", { origin: "" }],
    ["that asks for no method", { "access-control-request-method": undefined }],
    ["that asks for an empty method", { "access-control-request-method": "" }],
    ["with a body", { "content-length": "1" }],
    ["with a body of a length that is spelt otherwise", { "content-length": "00" }],
    ["with a body in chunks", { "transfer-encoding": "chunked" }],
    ["that would leave HTTP", { upgrade: "websocket" }],
  ])("guards an OPTIONS %s", async (_, change) => {
    const headers = Object.entries({ ...PREFLIGHT, ...change }).filter(
      ([, value]) => value !== undefined,
    );
    expect(await goesOn("OPTIONS", Object.fromEntries(headers))).toBe(false);
    expect(await goesOn("OPTIONS", new Headers(headers as [string, string][]))).toBe(false);
  });

  it("guards an OPTIONS with a body of the web's kind, whatever its headers say", async () => {
    const headers = new Headers(PREFLIGHT);
    expect(await goesOn("OPTIONS", headers, { body: null })).toBe(true);
    expect(await goesOn("OPTIONS", headers, { body: new Blob(["x"]).stream() })).toBe(false);
  });

  it.each(["GET", "POST", "HEAD", "options", "OPTIONS ", "", undefined])(
    "guards every other method: %s",
    async (method) => {
      expect(await goesOn(method, PREFLIGHT)).toBe(false);
    },
  );

  it.each([undefined, false])("is off when it is %s", async (allowPreflight) => {
    const off = createGate({ verifyRequest: missing }, { allowPreflight });
    const { rejection } = await off({ method: "OPTIONS", headers: PREFLIGHT }, "/");
    expect(rejection?.status).toBe(401);
  });

  it("reads no header from a prototype", async () => {
    expect(await goesOn("OPTIONS", Object.create(PREFLIGHT))).toBe(false);
  });
});
