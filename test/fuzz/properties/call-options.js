import assert from "node:assert/strict";
import fc from "fast-check";
import { createVerifier } from "../../../dist/index.js";
import { AUDIENCE, ELSEWHERE, genuine, jwks, now, TEAM } from "../world/world.js";
import { outcomeOf } from "./outcome.js";

const THIRD = "c".repeat(64);
const audience = [AUDIENCE, ELSEWHERE];
const verifier = createVerifier({ team: TEAM, audience, keys: jwks, now });

const tag = fc.constantFrom(AUDIENCE, AUDIENCE, ELSEWHERE, THIRD, "");

export default {
  name: "call options only narrow the audience, and a wrong one is an error at once",
  share: 6,
  mustSee: ["accepted", "audience_mismatch", "a mistake"],
  arbitrary: fc.oneof(
    { weight: 1, arbitrary: fc.anything().map((value) => [value]) },
    {
      weight: 6,
      arbitrary: fc
        .record(
          {
            audience: fc.oneof(tag, fc.array(tag, { maxLength: 3 }), fc.anything({ maxDepth: 1 })),
            signal: fc.constantFrom(undefined, null, 7, AbortSignal.abort(), "x"),
            waitUntil: fc.constantFrom(undefined, null, 7, () =>
              assert.fail("waitUntil must not be called"),
            ),
          },
          { requiredKeys: [] },
        )
        .map((call) => [call]),
    },
    // Options of the verifier are not options of a call.
    { weight: 1, arbitrary: fc.constantFrom([{ now: () => 0 }], [{ requiredClaims: undefined }]) },
  ),
  async check([call]) {
    const [token] = genuine;
    const isCall = call === undefined || (call !== null && typeof call === "object");
    let outcome;
    try {
      outcome = await outcomeOf(verifier.verify(token, call));
    } catch (error) {
      assert.ok(error instanceof TypeError, error);
      assert.match(
        error.message,
        /^(call options|audience|signal|waitUntil) must (be .+, got .+|not have ".*", (did you mean ".*"\?|only .*))$/s,
      );
      return "a mistake";
    }
    assert.ok(isCall);
    const asked = call?.audience === undefined ? audience : [call.audience].flat();
    assert.ok(asked.length > 0 && asked.every((tag) => typeof tag === "string" && tag !== ""));
    assert.ok(
      asked.some((tag) => audience.includes(tag)),
      "one of them is configured",
    );
    assert.equal(outcome.word, asked.includes(AUDIENCE) ? "accepted" : "audience_mismatch");
    return outcome.word;
  },
};
