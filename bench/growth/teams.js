// Cost against the number of teams in one verifier.

import { createVerifier } from "../../dist/index.js";
import { heapInUse } from "../heap.js";
import { AUDIENCE, createIssuer, signTokens } from "../tokens.js";
import { measureTurns } from "./turns.js";

const COUNTS = [1, 10, 100, 1_000];
const TOKENS = 256;

const issuerOf = (team) => `https://team-${team}.cloudflareaccess.com`;

/** @returns series of points against the number of teams; every team has a remote set of its own */
export async function measureTeams() {
  const issuer = await createIssuer();
  const remote = { fetch: async () => Response.json({ keys: [issuer.jwk] }) };
  const memory = [];
  const verifiers = [];
  // Whatever the runtime loads for the first fetch is no team's.
  await createVerifier({ team: issuerOf(0), audience: AUDIENCE, remote }).prefetch();
  for (const count of COUNTS) {
    const tokens = await signTokens(issuer, TOKENS, (user) => ({
      iss: issuerOf(Math.floor((user * count) / TOKENS)),
    }));
    const before = await heapInUse();
    const entries = Array.from({ length: count }, (_, team) => ({
      team: issuerOf(team),
      audience: AUDIENCE,
      remote,
    }));
    const uncached = createVerifier(entries, { verdictCache: false });
    await uncached.prefetch();
    memory.push([count, (await heapInUse()) - before]);
    const cached = createVerifier(entries);
    await cached.prefetch();
    verifiers.push({ count, tokens, uncached, cached });
  }
  const turns = (kind) =>
    measureTurns(verifiers.map((each) => ({ ...each, verifier: each[kind] })));
  return [
    { name: "distinct tokens", unit: "µs", expected: "flat", points: await turns("uncached") },
    { name: "repeated tokens", unit: "µs", expected: "flat", points: await turns("cached") },
    { name: "memory", unit: "bytes", expected: "linear", points: memory },
  ];
}
