import { beforeAll, describe, expect, test } from "vitest";
import {
  type CallOptions,
  createVerifier,
  discoverKeySet,
  importJwk,
  type KeySet,
  KeySetError,
  type ResponseLike,
  TokenError,
  type Verifier,
} from "../../src/index.ts";
import {
  AUDIENCE,
  apiClaims,
  createSigner,
  ISSUER,
  NOW,
  now,
  rejection,
  type Signer,
  TEAM,
  userClaims,
} from "../support/issuer.ts";
import { polluted } from "../support/polluted.ts";

let signer: Signer;
let tokens: readonly string[];
/** The verdict when no object has more than its own members. */
let expected: readonly string[];
beforeAll(async () => {
  signer = await createSigner();
  const stranger = await createSigner();
  tokens = [
    ...(await Promise.all([
      signer.token(userClaims()),
      stranger.token(userClaims()),
      signer.token(userClaims({ aud: ["other"] })),
      signer.token(userClaims({ exp: NOW - 3600 })),
      signer.token(userClaims({ iss: "https://rival.cloudflareaccess.com" })),
      signer.token(userClaims({ type: "org" })),
      signer.token(userClaims({ sub: undefined })),
      signer.token(userClaims(), { alg: "none" }),
      // Older than any set, so no lookup waits for its key.
      signer.token(userClaims({ iat: NOW - 3600, nbf: NOW - 3600 }), { kid: "unknown" }),
    ])),
    "",
    "a.b.c",
  ];
  expected = await verdicts(await guards());
});

const anyone = (): unknown => ({ get: () => tokens[0], keys: [] });

/**
 * Names of options, of a fetcher's results, of headers, descriptors and facts of errors. With a
 * polluted `get` beside them, the engines themselves fail.
 */
const MEMBERS: readonly [name: string, value: unknown][] = [
  ["team", "rival"],
  ["issuer", "https://rival.example"],
  ["keys", { keys: [] }],
  ["keys", []],
  ["audience", "other"],
  ["audience", ["other"]],
  ["audience", 7],
  ["check", () => true],
  ["check", () => false],
  ["check", "no"],
  ["remote", { maxAgeSeconds: "x" }],
  ["tokenType", "any"],
  ["tokenType", "org"],
  ["requiredClaims", ["role"]],
  ["requiredClaims", "role"],
  ["acceptedHeaderTypes", ["at+jwt"]],
  ["clockToleranceSeconds", 1e9],
  ["clockToleranceSeconds", "x"],
  ["maxTokenAgeSeconds", 0],
  ["readToken", anyone],
  ["maxTokenBytes", 1],
  ["verdictCache", false],
  ["maxEntries", -1],
  ["onEvent", "x"],
  ["signal", AbortSignal.abort()],
  ["signal", "x"],
  ["waitUntil", "x"],
  [
    "waitUntil",
    () => {
      throw new Error("not of this request");
    },
  ],
  ["issuedAt", 0],
  ["fetch", () => Promise.reject(new Error("not this one"))],
  ["fetcher", () => Promise.reject(new Error("not this one"))],
  ["timeoutSeconds", "x"],
  ["maxBytes", 1],
  ["maxAgeSeconds", Number.NaN],
  ["staleIfErrorSeconds", -1],
  ["cooldownSeconds", -1],
  ["maxParked", -1],
  ["jwks", { keys: [] }],
  ["notModified", true],
  ["etag", "x"],
  ["fetchedAt", 9e15],
  ["if-none-match", '"x"'],
  ["redirected", true],
  ["method", "POST"],
  ["headers", anyone()],
  ["headers", "x"],
  ["cf-access-jwt-assertion", "x"],
  ["cookie", "CF_Authorization=x"],
  ["known", "x"],
  ["known", () => []],
  ["prefetch", "x"],
  ["modulus", "x"],
  ["modulus", []],
  ["signer", "x"],
  ["token", "x"],
  ["principal", { id: "x", kind: "user" }],
  ["verified", true],
  ["code", "forbidden"],
  ["status", 200],
  ["part", "x"],
  ["claim", "x"],
  ["cause", "x"],
  ["retryAfterSeconds", 300],
  ["upstreamStatus", 200],
  ["url", "x"],
  ["enumerable", true],
  ["writable", "x"],
  ["configurable", "x"],
  ["0", "x"],
  ["1", "x"],
];

/** Everything that a caller can see of a verdict. */
async function tell(work: () => Promise<unknown>): Promise<string> {
  try {
    const { principal } = (await work()) as { principal: { id: string } };
    return `accepted ${principal.id}`;
  } catch (error) {
    const isOurs = error instanceof TokenError || error instanceof KeySetError;
    if (!isOurs) return `threw ${error}`;
    const verified = error instanceof TokenError && error.verified;
    const visible = Object.keys(error).includes("actual");
    return `${error.message} ${error.code} ${error.status} ${verified} ${visible}`;
  }
}

/** The members of a response, and nothing more, for a custom fetch function. */
function certs(): ResponseLike {
  const text = JSON.stringify({ keys: [signer.jwk] });
  return { status: 200, headers: new Headers(), text: async () => text };
}

const fetch = async (): Promise<ResponseLike> => certs();
const shared = { audience: AUDIENCE, now };

/** Guards over every kind of key set. */
async function guards(): Promise<Verifier<unknown>[]> {
  const cryptoKey = await importJwk(signer.jwk);
  const find: KeySet["find"] = async ({ kid }) =>
    kid === signer.kid ? [{ kid: signer.kid, cryptoKey }] : [];
  return [
    createVerifier({ team: TEAM, ...shared, keys: { keys: [signer.jwk] } }),
    createVerifier({ team: TEAM, ...shared, keys: { find } }),
    createVerifier({ team: TEAM, ...shared, remote: { fetch } }),
    createVerifier({
      team: TEAM,
      ...shared,
      remote: { fetcher: async () => ({ jwks: { keys: [signer.jwk] } }) },
    }),
    createVerifier([{ team: TEAM, audience: AUDIENCE, remote: { fetch } }], { now }),
  ];
}

/** Each token by itself, in a header and in a cookie, with and without options of the call. */
async function verdicts(all: readonly Verifier<unknown>[]): Promise<string[]> {
  const told: string[] = [];
  for (const { verify, verifyRequest } of all) {
    for (const token of tokens) {
      told.push(
        await tell(() => verify(token)),
        await tell(() => verify(token, {})),
        await tell(() => verifyRequest({ "Cf-Access-Jwt-Assertion": token })),
        await tell(() => verifyRequest({ headers: { Cookie: `CF_Authorization=${token}` } })),
      );
    }
    told.push(await tell(() => verifyRequest({})), await tell(() => verifyRequest(new Headers())));
  }
  return told;
}

describe("a member that every object seems to have", () => {
  test("is absent at first: each guard accepts the genuine token", () => {
    expect(expected.filter((verdict) => /^accepted 7335d417/.test(verdict))).toHaveLength(20);
  });

  test.each(MEMBERS)("changes no verdict of a guard made before: %s is %j", async (name, value) => {
    const all = await guards();
    expect(await polluted({ [name]: value }, () => verdicts(all))).toEqual(expected);
  });

  test.each(MEMBERS)("changes no verdict of a guard made after: %s is %j", async (name, value) => {
    const told = await polluted({ [name]: value }, async () => verdicts(await guards()));
    expect(told).toEqual(expected);
  });

  test("makes no principal of two tokens the same", async () => {
    const claims = [apiClaims({ sub: undefined, jti: "1" }), apiClaims({ sub: undefined })];
    const pair = await Promise.all(claims.map((payload) => signer.token(payload)));
    const options = { issuer: ISSUER, ...shared, keys: { keys: [signer.jwk] } };
    const { verifyRequest } = createVerifier({ ...options, readToken: () => pair });
    for (const members of [{ sub: "x" }, { principal: { id: "x", kind: "user" } }]) {
      const error = await polluted(members, () => rejection(verifyRequest({})));
      expect(error).toMatchObject({ code: "token_ambiguous" });
    }
  });

  test("lists no other origin for the keys of an issuer", async () => {
    const asked: string[] = [];
    const options = {
      now,
      fetch: async (url: string): Promise<ResponseLike> => {
        asked.push(url);
        const jwks_uri = "https://evil.example/jwks";
        const text = JSON.stringify({ issuer: ISSUER, jwks_uri, keys: [signer.jwk] });
        return { status: 200, headers: new Headers(), text: async () => text };
      },
    };
    const error = await polluted({ jwksOrigins: ["https://evil.example"] }, () =>
      rejection(discoverKeySet(ISSUER, options).find({ alg: "RS256", kid: signer.kid })),
    );
    expect(error).toMatchObject({ code: "discovery_mismatch" });
    expect(asked.filter((url) => url.includes("evil"))).toEqual([]);
  });
});

describe("options that are an instance of a class", () => {
  test("count with all members of their class", async () => {
    class Options {
      team = TEAM;
      audience = AUDIENCE;
      keys = { keys: [signer.jwk] };
      now = now;
      get requiredClaims(): string[] {
        return ["role"];
      }
      check(): boolean {
        return false;
      }
    }
    const { verify } = createVerifier(new Options());
    const token = await signer.token(userClaims());
    expect(await rejection(verify(token))).toMatchObject({ code: "claim_missing", claim: "role" });
    const genuine = await signer.token(userClaims({ role: "x" }));
    expect(await rejection(verify(genuine))).toMatchObject({ code: "forbidden" });
  });

  test("of a call count as well, and keep their object", async () => {
    const given: unknown[] = [];
    class Context {
      readonly promises = given;
      waitUntil(promise: Promise<unknown>): void {
        this.promises.push(promise);
      }
      get audience(): string {
        return "admin";
      }
    }
    const { verify } = createVerifier({
      team: TEAM,
      now,
      audience: [AUDIENCE, "admin"],
      remote: { fetch },
    });
    const call: CallOptions = new Context();
    const token = await signer.token(userClaims());
    expect(await rejection(verify(token, call))).toMatchObject({ code: "audience_mismatch" });
    const admin = await signer.token(userClaims({ aud: ["admin"] }));
    await verify(admin, call);
    expect(given).toHaveLength(1);
  });
});
