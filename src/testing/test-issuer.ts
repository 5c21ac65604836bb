import { type AccessTeam, accessTeam } from "../access/team.ts";
import { booleanOption, functionOptions, mistake, readOptions } from "../caller-mistakes.ts";
import { isJsonObject } from "../encoding/json.ts";
import type { FetchInit, ResponseLike } from "../http/bounded-fetch.ts";
import { requireSubtle } from "../keys/jwk.ts";
import { member } from "../own.ts";
import { type CertsDocument, certsDocument } from "./certs.ts";
import {
  type ClaimOverrides,
  metaClaims,
  orgClaims,
  randomServiceName,
  randomTag,
  serviceClaims,
  userClaims,
} from "./claims.ts";
import { seal } from "./compact.ts";
import { createDecoys } from "./decoys.ts";
import { forgeHostileTokens, type HostileOptions, type HostileToken } from "./hostile-tokens.ts";
import {
  createPrivateJwk,
  importSigningKey,
  type PrivateJwk,
  type SigningKey,
} from "./signing-key.ts";

/** Options of a test issuer. */
export interface TestIssuerOptions {
  /** The team, as for `createVerifier`. @defaultValue `"postern-test"` */
  team?: string | URL | undefined;
  /** The application's AUD tag. @defaultValue a random one */
  audience?: string | undefined;
  /** The key to sign with until the first rotation. @defaultValue a new one */
  privateJwk?: PrivateJwk | undefined;
  /** Returns the time in milliseconds since the epoch. @defaultValue `Date.now` */
  now?: (() => number) | undefined;
  /**
   * `true` adds five keys that are not for RS256 to the JWK set. Every guard must ignore them. Access
   * publishes no such keys today.
   *
   * @defaultValue `false`
   */
  decoyKeys?: boolean | undefined;
}

/** A test issuer that behaves like Cloudflare Access. Its keys are only in memory. */
export interface TestIssuer {
  /** The `iss` of its tokens; `createVerifier` takes it as `team`. */
  readonly issuer: string;
  /** The AUD tag in its tokens. */
  readonly audience: string;
  /** The `kid` of the current key. */
  readonly kid: string;
  /**
   * Returns the current JWK set: two keys, current and previous, in no fixed order. With `decoyKeys`
   * there are five more before and after them, and some of those have no `n` and `e`.
   */
  jwks(): CertsDocument;
  /** Answers requests for the certs endpoint of the team. Elsewhere it answers 404 with HTML, like Access. */
  fetch(url: string | URL | { readonly url: string }, init?: FetchInit): Promise<ResponseLike>;
  /** Makes a user's token. `claims` adds or replaces claims; `undefined` leaves one out. */
  userToken(claims?: ClaimOverrides): Promise<string>;
  /** Makes a service's token, with `common_name` and without `email`. */
  serviceToken(claims?: ClaimOverrides): Promise<string>;
  /** Makes the token of the team domain, which every application must refuse. */
  orgToken(claims?: ClaimOverrides): Promise<string>;
  /**
   * Makes the token that every visitor who is not logged in gets, in the `meta` parameter of the address
   * of the log-in page. It names the application, but no user: every verifier must refuse it.
   */
  metaToken(claims?: ClaimOverrides): Promise<string>;
  /**
   * Signs exactly these claims with the current key and RS256, even if `header` names another algorithm.
   * A header parameter that is `undefined` is left out.
   */
  sign(claims: object, header?: ClaimOverrides): Promise<string>;
  /** Makes a new current key. The current key becomes the previous one, and the oldest is dropped. */
  rotate(): Promise<void>;
  /**
   * Removes a key from the JWK set at once, as an administrator would after a leak. If it is the current
   * key, the issuer still signs with it until the next rotation.
   *
   * @throws {TypeError} when there is no such key
   */
  withdraw(kid: string): void;
  /**
   * Makes tokens that every correct guard must refuse, each with the reason. Send them to your own
   * application. Each one is an accepted token with one change.
   *
   * @throws {TypeError} (rejects) when the current key was withdrawn, because every token is refused then
   */
  hostileTokens(options?: HostileOptions): Promise<HostileToken[]>;
}

/**
 * The previous key of every new issuer. Making a key is slow, and this one never signs, so all issuers
 * share it.
 */
let unusedJwk: PrivateJwk | undefined;

/**
 * Creates an issuer for tests. It signs tokens and publishes and rotates keys like Access, and makes the
 * hostile tokens that your application must refuse. It uses only WebCrypto, and no network.
 *
 * @throws {TypeError} (rejects) when an option is wrong; the message is one sentence
 *
 * @example
 * ```ts
 * import { createVerifier } from "postern";
 * import { createTestIssuer } from "postern/testing";
 *
 * const issuer = await createTestIssuer();
 * const verifier = createVerifier({
 *   team: issuer.issuer,
 *   audience: issuer.audience,
 *   remote: { fetch: issuer.fetch },
 * });
 * await verifier.verify(await issuer.userToken({ email: "ada@example.com" }));
 * ```
 */
export async function createTestIssuer(options: TestIssuerOptions = {}): Promise<TestIssuer> {
  requireSubtle();
  const { team, audience, privateJwk, now, decoyKeys } = settle(options);
  const newKey = async (jwk?: PrivateJwk): Promise<SigningKey> =>
    importSigningKey(jwk ?? (await createPrivateJwk()), {
      commonName: new URL(team.issuer).host,
      createdAt: now(),
    });
  unusedJwk ??= await createPrivateJwk();
  // A new key replaces the dropped one, so the position of the current key alternates.
  const slots = await Promise.all([newKey(unusedJwk), newKey(privateJwk)]);
  const withdrawn = new Set<string>();
  const serviceName = randomServiceName();
  const orgAudience = randomTag();
  let current: 0 | 1 = 1;

  const seconds = (): number => Math.floor(now() / 1000);
  const occasion = (tag: string) => ({ issuer: team.issuer, audience: tag, now: seconds() });

  const decoys = decoyKeys ? createDecoys() : [];
  const published = (): readonly SigningKey[] => slots.filter(({ kid }) => !withdrawn.has(kid));
  const jwks = (): CertsDocument => certsDocument(published(), slots[current], decoys);

  function sign(claims: object, header: ClaimOverrides = {}): Promise<string> {
    if (!isJsonObject(claims)) throw mistake("claims", "an object", claims);
    if (!isJsonObject(header)) throw mistake("header", "an object", header);
    const key = slots[current];
    return seal({ alg: "RS256", kid: key.kid, typ: "JWT", ...header }, claims, key.sign);
  }

  return {
    issuer: team.issuer,
    audience,
    get kid() {
      return slots[current].kid;
    },
    jwks,
    async fetch(url) {
      const asked = typeof url === "object" ? (member(url, "url") ?? url) : url;
      const { origin, pathname } = new URL(String(asked));
      if (`${origin}${pathname}` === team.certsUrl) {
        return new Response(JSON.stringify(jwks()), {
          headers: { "content-type": "application/json" },
        });
      }
      const headers = { "content-type": "text/html; charset=utf-8" };
      return new Response("<!DOCTYPE html><title>Not found</title>", { status: 404, headers });
    },
    userToken: async (claims) => sign(await userClaims(occasion(audience), claims)),
    serviceToken: async (claims) => sign(serviceClaims(occasion(audience), serviceName, claims)),
    orgToken: async (claims) => sign(await orgClaims(occasion(orgAudience), claims)),
    metaToken: async (claims) => sign(metaClaims(occasion(audience), claims)),
    sign: async (claims, header) => sign(claims, header),
    async rotate() {
      const next = await newKey();
      current = current === 0 ? 1 : 0;
      slots[current] = next;
    },
    withdraw(kid) {
      if (!published().some((key) => key.kid === kid)) {
        throw mistake("kid", "the kid of a key in the JWK set", kid);
      }
      withdrawn.add(kid);
    },
    async hostileTokens(options) {
      const key = slots[current];
      if (withdrawn.has(key.kid)) {
        throw new TypeError("hostileTokens needs a current key that is published: rotate first");
      }
      const previous = slots[current === 0 ? 1 : 0];
      const facts = { issuer: team.issuer, audience, orgAudience, serviceName, now: seconds() };
      return forgeHostileTokens({ ...facts, key, previous, certs: jwks() }, options);
    },
  };
}

const NAMES = [
  "team",
  "audience",
  "privateJwk",
  "now",
  "decoyKeys",
] as const satisfies readonly (keyof TestIssuerOptions)[];

function settle(options: TestIssuerOptions): {
  team: AccessTeam;
  audience: string;
  privateJwk: PrivateJwk | undefined;
  now: () => number;
  decoyKeys: boolean;
} {
  const settled = readOptions<TestIssuerOptions>(options, NAMES);
  functionOptions(settled, ["now"]);
  const { team = "postern-test", audience = randomTag(), privateJwk, now = Date.now } = settled;
  if (typeof audience !== "string" || audience === "") {
    throw mistake("audience", "a non-empty string", audience);
  }
  const decoyKeys = booleanOption("decoyKeys", settled.decoyKeys);
  return { team: accessTeam(team), audience, privateJwk, now, decoyKeys };
}
