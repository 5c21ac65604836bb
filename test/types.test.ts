// The compiler checks what is expected here, when `npm run check` runs: a type that differs, or an
// expected error that does not come, stops it.
import type { IncomingMessage } from "node:http";
import { describe, expect, expectTypeOf, test } from "vitest";
import * as postern from "../src/index.ts";
import {
  type AccessIdentity,
  type AccessPayload,
  type AccessTeam,
  accessTeam,
  type CallOptions,
  type Check,
  createRemoteKeySet,
  createStaticKeySet,
  createVerifier,
  type DeepReadonly,
  type DiscoveryOptions,
  decodeUnverified,
  discoverKeySet,
  type EntryOptions,
  type FetchedKeySet,
  type FetchLike,
  type GetIdentityOptions,
  getIdentity,
  type IdentityError,
  type IdentityErrorCode,
  type IssuerOptions,
  importJwk,
  isKeySetError,
  isTokenError,
  type JsonObject,
  type Jwk,
  type JwkSet,
  type JwtHeader,
  type JwtPayload,
  jwkThumbprint,
  jwkToPem,
  type KeyLookup,
  type KeySet,
  type KeySetError,
  type KeySetErrorCode,
  type KeySetFetcher,
  type KeySetState,
  type LookupHeader,
  type PosternEvent,
  type Principal,
  type RemoteKeySet,
  type RemoteKeySetOptions,
  type RequestLike,
  readAccessToken,
  type SafeResult,
  type SharedOptions,
  type TeamOptions,
  type TokenError,
  type TokenErrorCode,
  type VerificationKey,
  type VerifiedAccessToken,
  type VerifiedToken,
  type Verifier,
  type VerifyCryptoKey,
} from "../src/index.ts";

const jwks: JwkSet = { keys: [] };
const keys: KeySet = { find: async () => [] };

/** Type-checks its body and never runs it. */
const typed = (_: () => unknown): void => {};

test("the public surface has exactly these names", () => {
  expect(Object.keys(postern).sort()).toEqual([
    "IdentityError",
    "KeySetError",
    "TokenError",
    "accessTeam",
    "createRemoteKeySet",
    "createStaticKeySet",
    "createVerifier",
    "decodeUnverified",
    "discoverKeySet",
    "getIdentity",
    "importJwk",
    "isKeySetError",
    "isTokenError",
    "jwkThumbprint",
    "jwkToPem",
    "readAccessToken",
  ]);
});

describe("createVerifier", () => {
  test("of a team verifies Access tokens", () => {
    typed(() => {
      const verifier = createVerifier({ team: "acme", audience: "app" });
      expectTypeOf(verifier).toEqualTypeOf<Verifier<VerifiedAccessToken<unknown>>>();
      const custom = createVerifier<{ groups: string[] }>({ team: "acme", audience: ["app"] });
      expectTypeOf(custom).toEqualTypeOf<Verifier<VerifiedAccessToken<{ groups: string[] }>>>();
    });
  });

  test("of any other issuer verifies tokens without a principal", () => {
    interface Claims extends JwtPayload {
      scope: string;
    }
    typed(() => {
      const verifier = createVerifier({ issuer: "https://issuer.example", audience: "api", keys });
      expectTypeOf(verifier).toEqualTypeOf<Verifier<VerifiedToken<JwtPayload>>>();
      const options = { issuer: "https://issuer.example", audience: "api", keys: jwks };
      const scoped = createVerifier<Claims>(options);
      expectTypeOf(scoped).toEqualTypeOf<Verifier<VerifiedToken<Claims>>>();
    });
  });

  test("of several issuers verifies their common claims", () => {
    const team = { team: "acme", audience: "app" };
    const issuer = { issuer: "https://issuer.example", audience: "api", keys: jwks };
    const now = (): number => 0;
    typed(() => {
      const teams = createVerifier([team, { team: "rival", audience: "app" }], { now });
      expectTypeOf(teams).toEqualTypeOf<Verifier<VerifiedAccessToken>>();
      const mixed = createVerifier([team, issuer], { now });
      expectTypeOf(mixed).toEqualTypeOf<Verifier<VerifiedAccessToken | VerifiedToken>>();
    });
  });

  test("takes every option, and undefined for each that is optional", () => {
    expectTypeOf<{
      audience: string;
      team: URL;
      keys: undefined;
      clockToleranceSeconds: undefined;
      maxTokenAgeSeconds: undefined;
      requiredClaims: undefined;
      acceptedHeaderTypes: undefined;
      check: undefined;
      remote: undefined;
      tokenType: undefined;
      readToken: undefined;
      maxTokenBytes: undefined;
      verdictCache: undefined;
      now: undefined;
      onEvent: undefined;
    }>().toExtend<TeamOptions & SharedOptions>();
    expectTypeOf<undefined>().toExtend<CallOptions["audience"]>();
    expectTypeOf<undefined>().toExtend<CallOptions["signal"]>();
    expectTypeOf<undefined>().toExtend<CallOptions["waitUntil"]>();
    expectTypeOf<{ maxEntries: undefined }>().toExtend<SharedOptions["verdictCache"]>();
    expectTypeOf<false>().toExtend<SharedOptions["verdictCache"]>();
  });

  test("refuses what would be a mistake", () => {
    typed(() => {
      // @ts-expect-error an audience is required
      createVerifier({ team: "acme" });
      // @ts-expect-error an issuer needs keys
      createVerifier({ issuer: "https://issuer.example", audience: "api" });
      // @ts-expect-error one or the other
      createVerifier({ team: "acme", issuer: "https://issuer.example", audience: "api", keys });
      // @ts-expect-error neither
      createVerifier({ audience: "api", keys });
      // @ts-expect-error shared options go into the second argument
      createVerifier([{ team: "acme", audience: "app", now: () => 0 }]);
      // @ts-expect-error one entry's options hold everything
      createVerifier({ team: "acme", audience: "app" }, { now: () => 0 });
      // @ts-expect-error no such token type
      createVerifier({ team: "acme", audience: "app", tokenType: "user" });
      // @ts-expect-error no such option
      createVerifier({ team: "acme", audience: "app", clockTolerance: 60 });
      // @ts-expect-error a check answers yes, no or nothing
      createVerifier({ team: "acme", audience: "app", check: () => "yes" });
    });
  });

  test("passes the verified token to its check", () => {
    typed(() => {
      createVerifier<{ groups: string[] }>({
        team: "acme",
        audience: "app",
        check: ({ principal, payload }, { audience }) => {
          expectTypeOf(principal).toEqualTypeOf<Principal>();
          expectTypeOf(payload.custom?.groups).toEqualTypeOf<readonly string[] | undefined>();
          expectTypeOf(audience).toEqualTypeOf<string | readonly string[] | undefined>();
          return principal.kind === "user";
        },
      });
    });
    expectTypeOf<() => void>().toExtend<Check<VerifiedToken>>();
    expectTypeOf<() => boolean>().toExtend<Check<VerifiedToken>>();
    expectTypeOf<() => Promise<void>>().toExtend<Check<VerifiedToken>>();
    expectTypeOf<() => Promise<boolean>>().toExtend<Check<VerifiedToken>>();
    expectTypeOf<() => null>().not.toExtend<Check<VerifiedToken>>();
  });
});

describe("a verifier", () => {
  type V = Verifier<VerifiedAccessToken>;

  test("has these methods", () => {
    expectTypeOf<V["verify"]>().toEqualTypeOf<
      (token: string, call?: CallOptions) => Promise<VerifiedAccessToken>
    >();
    expectTypeOf<V["safeVerify"]>().toEqualTypeOf<
      (token: string, call?: CallOptions) => Promise<SafeResult<VerifiedAccessToken>>
    >();
    expectTypeOf<V["verifyRequest"]>().toEqualTypeOf<
      (request: RequestLike, call?: CallOptions) => Promise<VerifiedAccessToken>
    >();
    expectTypeOf<V["safeVerifyRequest"]>().toEqualTypeOf<
      (request: RequestLike, call?: CallOptions) => Promise<SafeResult<VerifiedAccessToken>>
    >();
    expectTypeOf<V["prefetch"]>().toEqualTypeOf<() => Promise<void>>();
  });

  test("takes every shape of request", () => {
    expectTypeOf<Request>().toExtend<RequestLike>();
    expectTypeOf<Headers>().toExtend<RequestLike>();
    expectTypeOf<IncomingMessage>().toExtend<RequestLike>();
    expectTypeOf<IncomingMessage["headers"]>().toExtend<RequestLike>();
    expectTypeOf<{ cookie: string }>().toExtend<RequestLike>();
    // The event types of AWS: API Gateway, load balancers, CloudFront.
    type Fields<T> = { [name: string]: T | undefined };
    expectTypeOf<{
      body: string | null;
      headers: Fields<string>;
      multiValueHeaders: Fields<string[]>;
    }>().toExtend<RequestLike>();
    expectTypeOf<{
      version: string;
      headers: Fields<string>;
      cookies?: string[];
    }>().toExtend<RequestLike>();
    expectTypeOf<{
      headers?: Fields<string> | undefined;
      multiValueHeaders?: Fields<string[]> | undefined;
    }>().toExtend<RequestLike>();
    expectTypeOf<{
      uri: string;
      headers: { [name: string]: { key?: string | undefined; value: string }[] };
    }>().toExtend<RequestLike>();
    expectTypeOf<Promise<Headers>>().not.toExtend<RequestLike>();
    expectTypeOf<Map<string, string>>().not.toExtend<Parameters<V["verify"]>[0]>();
    expectTypeOf<string>().not.toExtend<RequestLike>();
    expectTypeOf<undefined>().not.toExtend<RequestLike>();
    expectTypeOf(readAccessToken).parameters.toEqualTypeOf<[RequestLike]>();
    expectTypeOf(readAccessToken).returns.toEqualTypeOf<readonly string[]>();
  });

  test("tells a verdict apart by ok", () => {
    typed(() => {
      const result = {} as SafeResult<VerifiedToken>;
      if (result.ok) expectTypeOf(result.value).toEqualTypeOf<VerifiedToken>();
      else expectTypeOf(result.error).toEqualTypeOf<TokenError | KeySetError>();
    });
  });

  test("tells principals apart by kind", () => {
    typed(() => {
      const principal = {} as Principal;
      expectTypeOf(principal.id).toEqualTypeOf<string>();
      expectTypeOf(principal.issuer).toEqualTypeOf<string>();
      if (principal.kind === "user") {
        expectTypeOf(principal.email).toEqualTypeOf<string>();
        expectTypeOf(principal.country).toEqualTypeOf<string | undefined>();
      } else {
        expectTypeOf(principal.kind).toEqualTypeOf<"service">();
        expectTypeOf(principal.name).toEqualTypeOf<string>();
      }
      // @ts-expect-error a service has no email
      ({}) as Extract<Principal, { kind: "service" }>["email"];
    });
  });

  test("returns read-only results", () => {
    typed(() => {
      const verified = {} as VerifiedAccessToken<{ groups: string[] }>;
      // @ts-expect-error read-only
      verified.issuer = "x";
      // @ts-expect-error read-only
      verified.payload.sub = "x";
      // @ts-expect-error read-only
      verified.header.kid = "x";
      // @ts-expect-error read-only
      verified.principal.id = "x";
      // @ts-expect-error read-only all the way down
      verified.payload.custom?.groups.push("x");
      expectTypeOf(verified.payload.exp).toEqualTypeOf<number>();
      expectTypeOf(verified.payload.iat).toEqualTypeOf<number | undefined>();
      expectTypeOf(verified.payload.aud).toEqualTypeOf<string | readonly string[]>();
      expectTypeOf(verified.payload["anything"]).toEqualTypeOf<unknown>();
      expectTypeOf(verified.header).toEqualTypeOf<DeepReadonly<JwtHeader>>();
    });
    expectTypeOf<AccessPayload>().toExtend<JwtPayload>();
    expectTypeOf<VerifiedAccessToken>().toExtend<VerifiedToken>();
  });
});

describe("key sets", () => {
  test("can be written by hand: find is enough", () => {
    typed(() => {
      const own: KeySet = { find: async () => [] };
      const all: KeySet = {
        find: async (header, lookup) => {
          expectTypeOf(header).toEqualTypeOf<LookupHeader>();
          expectTypeOf(lookup).toEqualTypeOf<KeyLookup | undefined>();
          expectTypeOf(header.kid).toEqualTypeOf<string | undefined>();
          return [{ kid: undefined, cryptoKey: await importJwk({} as Jwk) }];
        },
        known: () => [],
        prefetch: async () => {},
      };
      return [own, all];
    });
    expectTypeOf(importJwk).returns.resolves.toEqualTypeOf<VerifyCryptoKey>();
    expectTypeOf<VerificationKey["cryptoKey"]>().toEqualTypeOf<VerifyCryptoKey>();
    expectTypeOf(createStaticKeySet).returns.toEqualTypeOf<KeySet>();
    expectTypeOf<RemoteKeySet>().toExtend<KeySet>();
    expectTypeOf<KeySet>().not.toExtend<RemoteKeySet>();
  });

  test("at a URL have a state, and can be asked to refresh", () => {
    expectTypeOf(createRemoteKeySet).parameters.toEqualTypeOf<
      [url: string | URL, options?: RemoteKeySetOptions]
    >();
    expectTypeOf(createRemoteKeySet).returns.toEqualTypeOf<RemoteKeySet>();
    expectTypeOf(discoverKeySet).parameters.toEqualTypeOf<
      [issuer: string | URL, options?: DiscoveryOptions]
    >();
    expectTypeOf(discoverKeySet).returns.toEqualTypeOf<RemoteKeySet>();
    expectTypeOf<RemoteKeySet["refresh"]>().toEqualTypeOf<() => Promise<void>>();
    expectTypeOf<RemoteKeySet["state"]>().toEqualTypeOf<KeySetState>();
    expectTypeOf<DiscoveryOptions>().not.toHaveProperty("fetcher");
  });

  test("can be fetched with the runtime's fetch or by other means", () => {
    expectTypeOf(globalThis.fetch).toExtend<FetchLike>();
    expectTypeOf<() => Promise<{ jwks: unknown }>>().toExtend<KeySetFetcher>();
    expectTypeOf<() => Promise<{ notModified: true }>>().toExtend<KeySetFetcher>();
    expectTypeOf<{ etag: string }>().not.toExtend<FetchedKeySet>();
    typed(() => {
      const fetched = {} as FetchedKeySet;
      if (fetched.notModified !== true) expectTypeOf(fetched.jwks).toEqualTypeOf<unknown>();
    });
  });
});

describe("the other functions", () => {
  test("take and return these types", () => {
    expectTypeOf(decodeUnverified).toEqualTypeOf<
      (token: string) => { header: JsonObject; payload: JsonObject }
    >();
    expectTypeOf(jwkToPem).toEqualTypeOf<(jwk: Jwk) => Promise<string>>();
    expectTypeOf(jwkThumbprint).toEqualTypeOf<(jwk: Jwk) => Promise<string>>();
    expectTypeOf(accessTeam).toEqualTypeOf<(team: string | URL) => AccessTeam>();
    expectTypeOf(getIdentity).toEqualTypeOf<
      (token: string, options: GetIdentityOptions) => Promise<AccessIdentity>
    >();
    expectTypeOf<{ team: string }>().toExtend<GetIdentityOptions>();
    expectTypeOf<keyof AccessTeam>().toEqualTypeOf<
      "name" | "issuer" | "certsUrl" | "identityUrl" | "logoutUrl"
    >();
  });

  test("take a JWK set that was parsed from JSON", () => {
    expectTypeOf<{
      keys: { kty: string; n: string; e: string; kid: string }[];
    }>().toExtend<JwkSet>();
    expectTypeOf<EntryOptions<VerifiedToken>["keys"]>().toEqualTypeOf<
      KeySet | JwkSet | undefined
    >();
    expectTypeOf<IssuerOptions["keys"]>().toEqualTypeOf<KeySet | JwkSet>();
  });
});

describe("errors", () => {
  test("have closed sets of codes, and the status to answer", () => {
    expectTypeOf<TokenError["status"]>().toEqualTypeOf<401 | 403>();
    expectTypeOf<KeySetError["status"]>().toEqualTypeOf<503>();
    expectTypeOf<IdentityError["status"]>().toEqualTypeOf<401 | 503>();
    expectTypeOf<TokenError["code"]>().toEqualTypeOf<TokenErrorCode>();
    expectTypeOf<KeySetError["code"]>().toEqualTypeOf<KeySetErrorCode>();
    expectTypeOf<IdentityError["code"]>().toEqualTypeOf<IdentityErrorCode>();
    expectTypeOf<string>().not.toExtend<TokenErrorCode>();
    expectTypeOf<"forbidden">().toExtend<TokenErrorCode>();
    expectTypeOf<"backing_off">().toExtend<KeySetErrorCode>();
    expectTypeOf<"identity_refused">().toExtend<IdentityErrorCode>();
  });

  test("are narrowed by their guards", () => {
    typed(() => {
      const error = {} as unknown;
      if (isTokenError(error)) expectTypeOf(error).toEqualTypeOf<TokenError>();
      if (isKeySetError(error)) expectTypeOf(error).toEqualTypeOf<KeySetError>();
    });
  });
});

describe("events", () => {
  test("are told apart by type, and hold no token", () => {
    typed(() => {
      const event = {} as PosternEvent;
      if (event.type === "refresh_failed") {
        expectTypeOf(event.code).toEqualTypeOf<KeySetErrorCode>();
        expectTypeOf(event.retryAfterSeconds).toEqualTypeOf<number>();
      }
      if (event.type === "key_skipped") expectTypeOf(event.reason).toEqualTypeOf<string>();
    });
    expectTypeOf<PosternEvent>().not.toHaveProperty("token");
  });
});
