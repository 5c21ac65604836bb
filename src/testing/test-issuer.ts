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

/** What a test issuer may be told. */
export interface TestIssuerOptions {
  /** As for `createVerifier`. `"postern-test"` */
  team?: string | URL | undefined;
  /** The application's AUD tag. A random one */
  audience?: string | undefined;
  /** The key to sign with until the first rotation. A fresh one */
  privateJwk?: PrivateJwk | undefined;
  /** Milliseconds since the epoch. `Date.now` */
  now?: (() => number) | undefined;
  /**
   * `true` puts five keys that are not for RS256 into the JWK set, which every guard must pass over.
   * Access publishes none today. `false`
   */
  decoyKeys?: boolean | undefined;
}

/** An issuer of your own that speaks as Cloudflare Access does. Its keys live in memory only. */
export interface TestIssuer {
  /** The `iss` of its tokens; `createVerifier` takes it as `team`. */
  readonly issuer: string;
  /** The AUD tag in its tokens. */
  readonly audience: string;
  /** The `kid` it signs with now. */
  readonly kid: string;
  /**
   * The JWK set as it is now: two keys, current and previous, in no fixed order. With `decoyKeys`
   * five more are before and behind them, and some of those have no `n` and `e`.
   */
  jwks(): CertsDocument;
  /** Answers the certs endpoint of its team, and 404 with HTML everywhere else, as Access does. */
  fetch(url: string | URL | { readonly url: string }, init?: FetchInit): Promise<ResponseLike>;
  /** A person's token. The claims given are added or replaced; `undefined` leaves one out. */
  userToken(claims?: ClaimOverrides): Promise<string>;
  /** A service token's token: `common_name`, and no `email`. */
  serviceToken(claims?: ClaimOverrides): Promise<string>;
  /** The token of the whole authentication domain's session, which no application may accept. */
  orgToken(claims?: ClaimOverrides): Promise<string>;
  /**
   * The token that every visitor who is not logged in is given, in the `meta` parameter of the address
   * of the log-in page. It names the application's audience and no user: no verifier may accept it.
   */
  metaToken(claims?: ClaimOverrides): Promise<string>;
  /**
   * Signs these claims and no others, RS256, with the current key, whatever the header says. A header
   * parameter that is `undefined` is left out.
   */
  sign(claims: object, header?: ClaimOverrides): Promise<string>;
  /** A new key becomes the current one, the current one the previous; the one before is dropped. */
  rotate(): Promise<void>;
  /**
   * Takes a key out of the JWK set at once, as an administrator would after a leak. A current key that
   * was withdrawn still signs, until the next rotation.
   *
   * @throws {TypeError} when there is no such key
   */
  withdraw(kid: string): void;
  /**
   * Tokens that every correct guard must refuse, each with the reason: send them to your own door. Each
   * is made from a token that is accepted, with one thing wrong.
   *
   * @throws {TypeError} (rejects) when the current key was withdrawn: every token would be refused then
   */
  hostileTokens(options?: HostileOptions): Promise<HostileToken[]>;
}

/**
 * The previous key of every issuer at its start. It never signed anything, so that one is enough for
 * all of them, and a key takes a while to make.
 */
let unusedJwk: PrivateJwk | undefined;

/**
 * An issuer for tests: it signs tokens as Access does, publishes and rotates its keys as Access does,
 * and knows the attacks that your door has to withstand. WebCrypto only; no network.
 *
 * @throws {TypeError} (rejects) for an option that is wrong, in one sentence
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
  // A new key takes the place of the one that is dropped, so the current one is first and last in turn.
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
