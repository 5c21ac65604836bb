// Any JavaScript value in place of a token is refused as one.
import assert from "node:assert/strict";
import fc from "fast-check";
import { createVerifier, decodeUnverified } from "../../../dist/index.js";
import { AUDIENCE, jwks, now, TEAM } from "../world/world.js";
import { outcomeOf } from "./outcome.js";

const verifier = createVerifier({ team: TEAM, audience: AUDIENCE, keys: jwks, now });

/** Values that pretend to be strings. */
const pretender = fc.constantFrom(
  () => Object("a.b.c"),
  () => ["a.b.c"],
  () => ({ toString: () => "a.b.c", length: 5 }),
  () => ({
    get length() {
      throw new Error("a trap");
    },
    [Symbol.toPrimitive]() {
      throw new Error("a trap");
    },
  }),
  () => new Proxy({}, { get: () => assert.fail("a trap") }),
  () => new Proxy(() => {}, { get: () => assert.fail("a trap") }),
  () => Object.create(null),
  () => new Uint8Array(16),
);

export default {
  name: "any value that is no token is refused, by verify and by decodeUnverified",
  share: 6,
  mustSee: ["token_missing", "token_malformed", "token_too_large"],
  arbitrary: fc.oneof(
    { weight: 4, arbitrary: fc.anything({ withBigInt: true, withDate: true, withMap: true }) },
    { weight: 4, arbitrary: fc.string({ unit: "binary" }) },
    {
      weight: 2,
      arbitrary: fc
        .array(fc.string({ unit: "grapheme", maxLength: 6 }), { minLength: 2, maxLength: 5 })
        .map((parts) => parts.join(".")),
    },
    { weight: 1, arbitrary: fc.nat(40_000).map((length) => ".".repeat(length)) },
    { weight: 1, arbitrary: pretender.map((make) => make()) },
  ),
  async check(value) {
    const { word, error } = await outcomeOf(verifier.verify(value));
    assert.equal(error?.status, 401, word);
    try {
      decodeUnverified(value);
      assert.fail("it must not be a readable token");
    } catch (error) {
      assert.equal(error.name, "TokenError");
    }
    return word;
  },
};
