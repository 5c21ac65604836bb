// Cost against the number of teams in one verifier.

import { createVerifier } from "../../dist/index.js";
import { heapOf } from "../heap.js";
import { AUDIENCE, createIssuer, signTokens } from "../tokens.js";
import { measureTurns } from "./turns.js";

const COUNTS = [1, 10, 100, 1_000];
const TOKENS = 256;

const issuerOf = (team) => `https://team-${team}.cloudflareaccess.com`;

/** @returns series of points against the number of teams; every team has its own remote set */
export async function measureTeams(most) {
  const issuer = await createIssuer();
  const remote = { fetch: async () => Response.json({ keys: [issuer.jwk] }) };
  const memory = [];
  const verifiers = [];
  // The code that the runtime loads for a first fetch must not count.
  await createVerifier({ team: issuerOf(0), audience: AUDIENCE, remote }).prefetch();
  for (const count of COUNTS.filter((each) => each <= most)) {
    const tokens = await signTokens(issuer, TOKENS, (user) => ({
      iss: issuerOf(Math.floor((user * count) / TOKENS)),
    }));
    const entries = Array.from({ length: count }, (_, team) => ({
      team: issuerOf(team),
      audience: AUDIENCE,
      remote,
    }));
    const create = async (options) => {
      const verifier = createVerifier(entries, options);
      await verifier.prefetch();
      return verifier;
    };
    memory.push([count, await heapOf(create, Math.max(5, 200 / count))]);
    const uncached = await create({ verdictCache: false });
    const cached = await create();
    verifiers.push({ count, tokens, uncached, cached });
  }
  const turns = (kind) =>
    measureTurns(verifiers.map((each) => ({ ...each, verifier: each[kind] })));
  return [
    { name: "new tokens", unit: "µs", expected: "flat", points: await turns("uncached") },
    { name: "repeated tokens", unit: "µs", expected: "flat", points: await turns("cached") },
    { name: "memory", unit: "bytes", expected: "linear", points: memory },
  ];
}
