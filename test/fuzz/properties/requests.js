import assert from "node:assert/strict";
import { createStaticKeySet, createVerifier } from "../../../dist/index.js";
import { makeRequest, requests } from "../arbitrary/requests.js";
import { AUDIENCE, jwks, now, TEAM } from "../world/world.js";
import { outcomeOf } from "./outcome.js";

const keys = createStaticKeySet(jwks);
const verifier = createVerifier({ team: TEAM, audience: AUDIENCE, keys, now });
const alone = createVerifier({ team: TEAM, audience: AUDIENCE, keys, now, verdictCache: false });

/**
 * The tokens that count (RFC 9110 section 5.3, RFC 6265 section 5.4); `undefined` for a
 * contradiction.
 */
function tokensOf(fields) {
  const assertion = fields.get("cf-access-jwt-assertion");
  if (assertion !== undefined && assertion.length > 0) {
    const values = assertion.flatMap((value) => value.split(",")).map((value) => value.trim());
    return new Set(values).size > 1 ? undefined : [values[0]];
  }
  const pairs = (fields.get("cookie") ?? []).flatMap((value) => value.split(";"));
  const values = pairs
    .map((pair) => /^\s*CF_Authorization\s*=(.*)$/s.exec(pair)?.[1].trim() ?? "")
    .filter((value) => value !== "");
  return [...new Set(values)].slice(0, 8);
}

export default {
  name: "a request is accepted exactly for tokens in the places that Access uses",
  share: 10,
  mustSee: ["accepted", "token_missing", "token_malformed", "token_ambiguous", "signature_invalid"],
  arbitrary: requests,
  async check(recipe) {
    const [request, fields] = makeRequest(recipe);
    // A plain object with a member "get" or "headers" is another shape of request.
    const isOther = ["plain", "bare"].includes(recipe.shape) && hasShape(request);
    let outcome;
    try {
      outcome = await outcomeOf(verifier.verifyRequest(request));
    } catch (error) {
      assert.ok(isOther && error instanceof TypeError, error);
      return "another shape";
    }
    if (isOther) return "another shape";
    const tokens = tokensOf(fields);
    if (tokens === undefined) {
      assert.equal(outcome.word, "token_malformed");
      return outcome.word;
    }
    const each = await Promise.all(
      (tokens.length === 0 ? [undefined] : tokens).map((token) => outcomeOf(alone.verify(token))),
    );
    const accepted = each.filter(({ word }) => word === "accepted");
    const principals = new Set(accepted.map(({ verified }) => JSON.stringify(verified.principal)));
    if (principals.size > 1) assert.equal(outcome.word, "token_ambiguous");
    else if (principals.size === 1) assert.equal(outcome.word, "accepted");
    else
      assert.ok(
        each.some(({ word }) => word === outcome.word),
        outcome.word,
      );
    if (outcome.word === "accepted") {
      assert.ok(principals.has(JSON.stringify(outcome.verified.principal)));
    }
    return outcome.word;
  },
};

function hasShape({ headers, get }) {
  return typeof headers === "object" || typeof get === "function";
}
