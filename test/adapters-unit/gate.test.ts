import { describe, expect, it, vi } from "vitest";
import { createGate } from "../../src/adapters/gate.ts";
import { TokenError } from "../../src/errors.ts";
import { createVerifier } from "../../src/index.ts";
import { createTestIssuer } from "../../src/testing/index.ts";

const request = { headers: { accept: "text/html" } };
const granted = { payload: {} };
const yes = { verifyRequest: async () => granted };

describe("the gate", () => {
  it("hands on what the verifier accepted", async () => {
    expect(await createGate(yes)(request, "/")).toEqual({ access: granted });
  });

  it.each([undefined, null, true, "yes"])(
    "stays shut when a verifier answers %s instead of a token",
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

  it("stays shut for a request without headers", async () => {
    const { issuer, audience, fetch } = await createTestIssuer();
    const gate = createGate(createVerifier({ team: issuer, audience, remote: { fetch } }));
    expect((await gate({} as never, "/")).rejection?.status).toBe(401);
  });

  it("asks nobody on a public path, and hands on nothing", async () => {
    const verifyRequest = vi.fn(yes.verifyRequest);
    const gate = createGate({ verifyRequest }, { publicPaths: ["/health"] });
    expect(await gate(request, "/health")).toEqual({});
    expect(verifyRequest).not.toHaveBeenCalled();
    expect(await gate(request, "/health/..")).toEqual({ access: granted });
  });

  it("tells the listener why, and the listener cannot change it", async () => {
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
    const issuer = await createTestIssuer({ audience: "wiki" });
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
    // A tag with a typing error lets nobody in, and says what is wrong.
    const { rejection } = await createGate(verifier, { audience: "wikki" })({ headers }, "/");
    expect(rejection).toMatchObject({ status: 500, error: { name: "TypeError" } });
    expect(rejection?.error.message).toContain("audience must be one of those configured");
  });

  it("hands waitUntil to the verifier", async () => {
    const verifyRequest = vi.fn(yes.verifyRequest);
    const waitUntil = (): void => {};
    await createGate({ verifyRequest })(request, "/", waitUntil);
    expect(verifyRequest).toHaveBeenCalledWith(request, { waitUntil });
  });

  it("reads what the client prefers from either kind of headers", async () => {
    const refuse = { verifyRequest: () => Promise.reject(new TokenError("token_missing")) };
    const accept = "application/json";
    const type = async (headers: object): Promise<string | undefined> =>
      (await createGate(refuse)({ headers } as never, "/")).rejection?.contentType;
    expect(await type({ accept })).toBe("application/problem+json");
    expect(await type(new Headers({ accept }))).toBe("application/problem+json");
    expect(await type({ accept: [accept] })).toBe("application/problem+json");
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
  ])("refuses at once to be built wrongly", (verifier, options) => {
    expect(() => createGate(verifier as never, options as never)).toThrow(TypeError);
  });
});
