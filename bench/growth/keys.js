// Cost against the number of keys in one set. The last key signs. The others are random moduli,
// which have no private key and which a verifier cannot tell from real ones.

import { createVerifier } from "../../dist/index.js";
import { heapOf } from "../heap.js";
import { AUDIENCE, base64Url, createIssuer, signTokens, TEAM } from "../tokens.js";
import { measureTurns } from "./turns.js";

const COUNTS = [1, 10, 100];
const TOKENS = 128;

/** @returns series of points against the number of keys */
export async function measureKeys(most) {
  const issuer = await createIssuer();
  const tokens = await signTokens(issuer, TOKENS);
  const header = base64Url(new TextEncoder().encode('{"alg":"RS256"}'));
  const withoutKid = await signTokens({ ...issuer, header }, 16);
  const memory = [];
  const verifiers = [];
  // The code that the runtime loads for a first fetch must not count.
  await createReady({ keys: [issuer.jwk] });
  for (const count of COUNTS.filter((each) => each <= most)) {
    const keys = { keys: [...Array.from({ length: count - 1 }, randomJwk), issuer.jwk] };
    memory.push([count, await heapOf(() => createReady(keys), Math.max(5, 200 / count))]);
    verifiers.push({ count, verifier: await createReady(keys) });
  }
  const turns = (its) => measureTurns(verifiers.map((each) => ({ ...each, tokens: its })));
  return [
    { name: "a token with a kid", unit: "µs", expected: "flat", points: await turns(tokens) },
    {
      name: "a token without a kid, signed by the last key",
      unit: "µs",
      expected: "linear",
      points: await turns(withoutKid),
    },
    { name: "memory", unit: "bytes", expected: "linear", points: memory },
  ];
}

async function createReady(jwks) {
  const verifier = createVerifier({
    team: TEAM,
    audience: AUDIENCE,
    remote: { fetch: async () => Response.json(jwks) },
    verdictCache: false,
  });
  await verifier.prefetch();
  return verifier;
}

function randomJwk(_, index) {
  const modulus = crypto.getRandomValues(new Uint8Array(256));
  modulus[0] |= 0x80;
  modulus[255] |= 1;
  return {
    kid: `filler-${index}`,
    kty: "RSA",
    alg: "RS256",
    use: "sig",
    e: "AQAB",
    n: base64Url(modulus),
  };
}
