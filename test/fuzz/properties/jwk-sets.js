import assert from "node:assert/strict";
import fc from "fast-check";
import { createVerifier } from "../../../dist/index.js";
import { keySets, textOf } from "../arbitrary/key-sets.js";
import { readKeys } from "../second-reader/key-sets.js";
import { AUDIENCE, now, TEAM } from "../world/world.js";
import { isAmong, TOKENS, WITHOUT_KID } from "./known-keys.js";
import { outcomeOf } from "./outcome.js";

export default {
  name: "a JWK set verifies exactly what its valid entries verify, and is refused at once without one",
  share: 8,
  mustSee: ["usable", "refused"],
  arbitrary: fc.oneof(
    { weight: 9, arbitrary: fc.record({ recipe: keySets }) },
    { weight: 1, arbitrary: fc.record({ value: fc.anything() }) },
  ),
  async check({ recipe, value }) {
    const keys = recipe === undefined ? value : parsed(textOf(recipe));
    const lawful = readKeys(keys) ?? [];
    let verifier;
    try {
      verifier = createVerifier({ team: TEAM, audience: AUDIENCE, keys: keys ?? null, now });
    } catch (error) {
      assert.ok(error instanceof TypeError, error);
      assert.deepEqual(lawful, []);
      return "refused";
    }
    assert.notDeepEqual(lawful, []);
    for (const token of [...TOKENS, WITHOUT_KID]) {
      const { word } = await outcomeOf(verifier.verify(token.token));
      assert.equal(word === "accepted", isAmong(lawful, token), `${word} under ${token.kid}`);
    }
    return "usable";
  },
};

function parsed(text) {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
