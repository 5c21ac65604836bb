// Compares one verdict with the second reader's, and checks everything else that must be true of
// it.
import assert from "node:assert/strict";
import { createStaticKeySet, createVerifier, decodeUnverified } from "../../../dist/index.js";
import { secondVerdict } from "../second-reader/verdict.js";
import { AUDIENCE, genuine, jwks, NOW, now, TEAM } from "../world/world.js";
import { assertSilent, outcomeOf } from "./outcome.js";

const keys = createStaticKeySet(jwks);
const shared = new Map();

export const DEFAULTS = { tolerance: 60, maxAge: undefined, required: [], tokenType: "app" };

/** Rules of the second reader beyond jose that made a difference, and how often. */
export const differences = new Map();

/**
 * @returns the outcome in a word
 * @throws when the two readers differ, or the verdict is not what it must be
 */
export async function assertAgreement(token, policy = DEFAULTS) {
  const verifier = verifierFor(policy);
  const { word, verified, error } = await outcomeOf(verifier.verify(token));
  const { jose, broken, facts } = await secondVerdict(token, {
    ...policy,
    issuer: TEAM,
    audience: AUDIENCE,
    now: NOW,
  });
  const isIn = word === "accepted";
  const explained = broken.length > 0 ? broken.join("; ") : "no rule is broken";
  assert.equal(isIn, jose && broken.length === 0, `${word}; jose says ${jose}; ${explained}`);
  if (jose) for (const rule of broken) differences.set(rule, (differences.get(rule) ?? 0) + 1);

  // Earlier verifications do not affect it, and it leaves nothing behind.
  const again = await outcomeOf(verifier.verify(token));
  const alone = await outcomeOf(newVerifier(policy).verify(token));
  assert.deepEqual([again.word, alone.word], [word, word], "asked again, and asked alone");

  if (isIn) {
    const { parts, payload } = facts;
    const spelling = parts.map((part) => Buffer.from(part, "base64url").toString("base64url"));
    assert.equal(spelling.join("."), token, "an accepted token is spelt in the one way there is");
    // As text: no comparison of objects goes as deep as a sender may nest.
    const read = [verified, decodeUnverified(token), facts].map(({ header, payload }) =>
      JSON.stringify([header, payload]),
    );
    assert.equal(new Set(read).size, 1, "all readers read the same");
    const { kind, id, issuer } = verified.principal;
    assert.equal(id, kind === "user" ? payload.sub : payload.common_name);
    assert.equal(issuer, TEAM);
  } else {
    assertSilent(error, token);
    const [user] = genuine;
    const { word } = await outcomeOf(verifierFor(DEFAULTS).verify(user));
    assert.equal(word, "accepted", "a genuine token after a refused one");
  }
  return word;
}

function verifierFor(policy) {
  const name = JSON.stringify(policy);
  const verifier = shared.get(name) ?? newVerifier(policy);
  shared.set(name, verifier);
  return verifier;
}

function newVerifier({ tolerance, maxAge, required, tokenType }) {
  return createVerifier({
    ...{ team: TEAM, audience: AUDIENCE, keys, now, tokenType },
    clockToleranceSeconds: tolerance,
    maxTokenAgeSeconds: maxAge,
    requiredClaims: required,
  });
}
