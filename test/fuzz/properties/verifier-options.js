import assert from "node:assert/strict";
import fc from "fast-check";
import { createVerifier } from "../../../dist/index.js";
import { AUDIENCE, ELSEWHERE, genuine, jwks, now, TEAM } from "../world/world.js";
import { outcomeOf } from "./outcome.js";

const tag = fc.constantFrom(AUDIENCE, ELSEWHERE);
const odd = fc.constantFrom(
  ...[undefined, null, "", 0, Number.NaN, -1, 1e9, true, [], {}, [""], [null], () => true, "app"],
);

/** The first value more often than not, one of the others sometimes, an odd one rarely. */
const mostly = (usual, ...others) => likely(fc.constant(usual), fc.constantFrom(usual, ...others));
const likely = (usual, others) =>
  fc.oneof(
    { weight: 20, arbitrary: usual },
    { weight: 10, arbitrary: others },
    { weight: 1, arbitrary: odd },
  );

const STRANGERS = [
  ...["evil", "https://evil.example", "http://127.0.0.1", `${TEAM}.evil.example`, `${TEAM}/x`],
  ...["https://a@acme.cloudflareaccess.com", "acme.cloudflareaccess.com.", "acme\n"],
];

const options = fc.record(
  {
    team: mostly("acme", "ACME", TEAM, `${TEAM}/`, new URL(TEAM), ...STRANGERS),
    audience: likely(fc.constant(AUDIENCE), fc.oneof(tag, fc.array(tag, { maxLength: 3 }))),
    clockToleranceSeconds: mostly(0, 60, 300),
    maxTokenAgeSeconds: mostly(3600, 86_400, 600),
    requiredClaims: mostly(["email"], [], ["none"], ["toString"]),
    acceptedHeaderTypes: mostly(["JWT"], ["application/jwt"], ["at+jwt"]),
    tokenType: mostly("app", "any", "org"),
    check: mostly(...[true, undefined, 1, null, "yes"].map((answer) => () => answer)),
    verdictCache: mostly(false, { maxEntries: 1 }),
    maxTokenBytes: mostly(16_384, 4096, 100),
    onEvent: mostly(undefined, () => assert.fail("its exceptions reach no caller")),
    issuer: mostly(undefined),
  },
  { requiredKeys: ["audience"] },
);

export default {
  name: "options are refused at once, or make a verifier that accepts no other team or audience",
  share: 5,
  mustSee: ["accepted", "a mistake", "audience_mismatch", "forbidden", "claim_missing"],
  arbitrary: fc.tuple(options, fc.boolean()),
  async check([given, isTold]) {
    const options = isTold ? given : { team: "acme", ...given };
    let verifier;
    try {
      verifier = createVerifier({ keys: jwks, now, ...options });
    } catch (error) {
      assert.ok(error instanceof TypeError || error instanceof RangeError, error);
      assert.doesNotMatch(error.message, /undefined is|not a function|\n/, "one sentence of ours");
      return "a mistake";
    }
    const [token] = genuine;
    const { word } = await outcomeOf(verifier.verify(token));
    const again = await outcomeOf(verifier.verify(token));
    assert.equal(again.word, word);
    const audience = [options.audience].flat();
    assert.ok(
      audience.length > 0 && audience.every((tag) => typeof tag === "string" && tag !== ""),
    );
    if (word !== "accepted") return word;
    assert.ok(audience.includes(AUDIENCE));
    assert.ok(["acme", "acme.cloudflareaccess.com", TEAM].includes(nameOf(options.team)));
    assert.ok([undefined, true].includes(options.check?.()));
    return word;
  },
};

function nameOf(team) {
  return String(team).toLowerCase().replace(/\/$/, "");
}
