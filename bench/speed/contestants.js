// Every library as its own documentation would use it on a busy server: keys loaded before, the
// algorithm pinned, `iss`, `aud` and `exp` checked with a tolerance of 60 s if it has the option.
// `load` imports the library; `create` makes a verifier that has seen no token yet and has its
// keys.
// A library that is listed twice, with and without a cache, decodes once. A `sync` verifier is
// called in a plain loop: an `await` without a promise would add a cost of this benchmark.

import { AUDIENCE, ISSUER, TEAM } from "../tokens.js";

const JWKS_URL = `${ISSUER}/cdn-cgi/access/certs`;
const GRACE = 60;

export const RAW = "raw crypto.subtle.verify";
export const BY_HAND = "by hand, the least";
export const POSTERN = "postern";
export const POSTERN_UNCACHED = "postern, verdictCache: false";
export const FAST_JWT = "fast-jwt, cache: false";
export const FAST_JWT_CACHED = "fast-jwt, cache: true";

const RS256 = { name: "RSASSA-PKCS1-v1_5", hash: "SHA-256" };

/** The set of a team has two keys; the other one has never signed anything. */
export function jwksOf({ jwk, otherJwk }) {
  return { keys: [otherJwk, jwk] };
}

function postern(name, options) {
  return {
    name,
    isCached: options.verdictCache !== false,
    setUp: "a remote key set, prefetched",
    async load(keys) {
      const { createVerifier, decodeUnverified } = await import("../../dist/index.js");
      const remote = { fetch: async () => Response.json(jwksOf(keys)) };
      const isCached = options.verdictCache !== false;
      async function createReady() {
        const verifier = createVerifier({ team: TEAM, audience: AUDIENCE, remote, ...options });
        await verifier.prefetch();
        return verifier;
      }
      return {
        decode: isCached ? decodeUnverified : undefined,
        async create() {
          const verifier = await createReady();
          return (token) => verifier.verify(token);
        },
        createForRequests: isCached
          ? async () => {
              const verifier = await createReady();
              return (request) => verifier.verifyRequest(request);
            }
          : undefined,
      };
    },
  };
}

function fastJwt(name, cache) {
  return {
    name,
    sync: true,
    isCached: cache,
    setUp: "one PEM key; the library has no key sets",
    async load({ pem }) {
      const { createVerifier, createDecoder } = await imported("fast-jwt");
      return {
        decode: cache ? undefined : createDecoder({ complete: true }),
        create: async () =>
          createVerifier({
            key: pem,
            algorithms: ["RS256"],
            allowedIss: ISSUER,
            allowedAud: AUDIENCE,
            requiredClaims: ["iss", "aud", "exp"],
            clockTolerance: GRACE * 1000,
            cache,
          }),
      };
    },
  };
}

export const CONTESTANTS = [
  {
    name: RAW,
    setUp: "bytes prepared before, nothing parsed, no claim checked: the limit",
    async load({ jwk }) {
      const key = await crypto.subtle.importKey("jwk", jwk, RS256, false, ["verify"]);
      return {
        create:
          async () =>
          async ({ signature, signingInput }) => {
            if (!(await crypto.subtle.verify(RS256.name, key, signature, signingInput))) {
              throw new Error("signature");
            }
          },
      };
    },
  },
  {
    name: BY_HAND,
    setUp: "one CryptoKey, imported before; `atob`, `JSON.parse`, three comparisons; not strict",
    async load({ jwk }) {
      const key = await crypto.subtle.importKey("jwk", jwk, RS256, false, ["verify"]);
      return { decode: decodeByHand, create: async () => (token) => verifyByHand(token, key) };
    },
  },
  postern(POSTERN, {}),
  postern(POSTERN_UNCACHED, { verdictCache: false }),
  {
    name: "jose",
    setUp: "createRemoteJWKSet, fetched before",
    async load(keys) {
      const { createRemoteJWKSet, customFetch, decodeJwt, decodeProtectedHeader, jwtVerify } =
        await import("jose");
      const options = {
        algorithms: ["RS256"],
        issuer: ISSUER,
        audience: AUDIENCE,
        requiredClaims: ["exp"],
        clockTolerance: GRACE,
      };
      return {
        decode: (token) => ({ header: decodeProtectedHeader(token), payload: decodeJwt(token) }),
        async create() {
          const fetch = async () => Response.json(jwksOf(keys));
          const set = createRemoteJWKSet(new URL(JWKS_URL), { [customFetch]: fetch });
          await set.reload();
          return (token) => jwtVerify(token, set, options);
        },
      };
    },
  },
  {
    name: "aws-jwt-verify",
    sync: true,
    setUp: "verifySync, its key set cached before",
    async load(keys) {
      const { JwtVerifier } = await import("aws-jwt-verify");
      const { decomposeUnverifiedJwt } = await import("aws-jwt-verify/jwt");
      return {
        decode: decomposeUnverifiedJwt,
        async create() {
          const verifier = JwtVerifier.create({
            issuer: ISSUER,
            audience: AUDIENCE,
            jwksUri: JWKS_URL,
            graceSeconds: GRACE,
          });
          verifier.cacheJwks(jwksOf(keys));
          return (token) => verifier.verifySync(token);
        },
      };
    },
  },
  fastJwt(FAST_JWT, false),
  fastJwt(FAST_JWT_CACHED, true),
  {
    name: "jsonwebtoken",
    sync: true,
    setUp: "one KeyObject, made before",
    async load({ pem }) {
      const jsonwebtoken = await imported("jsonwebtoken");
      const { createPublicKey } = await import("node:crypto");
      const key = createPublicKey(pem);
      return {
        decode: (token) => jsonwebtoken.decode(token, { complete: true }),
        create: async () => (token) => jsonwebtoken.verify(token, key, jsonwebtokenOptions),
      };
    },
  },
  {
    name: "jsonwebtoken + jwks-rsa",
    setUp: "cache: true, its key set fetched before",
    async load(keys) {
      const jsonwebtoken = await imported("jsonwebtoken");
      const { JwksClient } = await imported("jwks-rsa");
      return {
        async create() {
          const fetcher = async () => jwksOf(keys);
          const client = new JwksClient({ jwksUri: JWKS_URL, cache: true, fetcher });
          await client.getSigningKey(keys.jwk.kid);
          const getKey = ({ kid }, callback) =>
            client.getSigningKey(kid).then((key) => callback(null, key.getPublicKey()), callback);
          return (token) =>
            new Promise((resolve, reject) => {
              jsonwebtoken.verify(token, getKey, jsonwebtokenOptions, (error, payload) =>
                error ? reject(error) : resolve(payload),
              );
            });
        },
      };
    },
  },
  {
    name: "hono/jwt",
    setUp: "one CryptoKey, imported before; no clock tolerance, no key set cache",
    async load({ jwk }) {
      const { decode, verify } = await import("hono/jwt");
      const key = await crypto.subtle.importKey("jwk", jwk, RS256, false, ["verify"]);
      const options = { alg: "RS256", iss: ISSUER, aud: AUDIENCE };
      return { decode, create: async () => (token) => verify(token, key, options) };
    },
  },
];

/** The least work of a verifier beside the signature. */
async function verifyByHand(token, key) {
  const signed = token.lastIndexOf(".");
  const binary = binaryOf(token.slice(signed + 1));
  const signature = new Uint8Array(binary.length);
  for (let at = 0; at < binary.length; at++) signature[at] = binary.charCodeAt(at);
  const signingInput = ascii.encode(token.slice(0, signed));
  if (!(await crypto.subtle.verify(RS256.name, key, signature, signingInput))) {
    throw new Error("signature");
  }
  const { payload } = decodeByHand(token);
  const { iss, aud, exp } = payload;
  if (iss !== ISSUER || !aud.includes(AUDIENCE) || !(Date.now() / 1000 < exp + GRACE)) {
    throw new Error("claims");
  }
  return payload;
}

function decodeByHand(token) {
  const [header, payload] = token.split(".");
  return { header: JSON.parse(binaryOf(header)), payload: JSON.parse(binaryOf(payload)) };
}

function binaryOf(base64url) {
  return atob(base64url.replaceAll("-", "+").replaceAll("_", "/"));
}

const ascii = new TextEncoder();

const jsonwebtokenOptions = {
  algorithms: ["RS256"],
  issuer: ISSUER,
  audience: AUDIENCE,
  clockTolerance: GRACE,
};

/** CommonJS packages show their exports differently from one runtime to another. */
async function imported(name) {
  const module = await import(name);
  return module.default ?? module;
}
