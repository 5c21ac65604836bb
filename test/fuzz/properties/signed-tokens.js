import fc from "fast-check";
import { applyEdits, edits } from "../arbitrary/edits.js";
import { applyObjectEdits, objectEdits } from "../arbitrary/members.js";
import { CLAIM_VALUES, HEADER_VALUES } from "../arbitrary/token-values.js";
import {
  attacker,
  current,
  encode,
  header,
  previous,
  service,
  signed,
  user,
} from "../world/world.js";
import { assertAgreement } from "./agreement.js";

const PAYLOADS = { user, service };
const KEYS = { current, previous, attacker };
const mostly = (usual, ...others) =>
  fc.oneof(
    { weight: 6, arbitrary: fc.constant(usual) },
    { weight: 1, arbitrary: fc.constantFrom(...others) },
  );

const seldom = (constraints) =>
  fc.oneof(
    { weight: 9, arbitrary: fc.constant([]) },
    { weight: 1, arbitrary: edits({ minLength: 1, ...constraints }) },
  );

const policy = fc.record({
  tolerance: mostly(60, 0, 300),
  maxAge: mostly(undefined, 600, 0),
  required: mostly([], ["nbf"], ["email", "jti"]),
  tokenType: mostly("app", "org", "any"),
});

export default {
  name: "a signed token with changed members is accepted exactly when the second reader accepts it",
  share: 20,
  mustSee: [
    ...["accepted", "token_malformed", "token_too_large", "algorithm_not_allowed"],
    ...["header_unsupported", "key_not_found", "signature_invalid", "claim_missing"],
    ...["issuer_mismatch", "audience_mismatch", "token_expired", "token_not_yet_valid"],
    ...["claim_invalid", "token_type_mismatch"],
  ],
  arbitrary: fc.record({
    header: objectEdits(HEADER_VALUES, 2),
    payload: objectEdits(CLAIM_VALUES, 3),
    kind: fc.constantFrom("user", "service"),
    key: mostly("current", "previous", "attacker"),
    policy,
    /** The edit is made before signing, so that the signature is valid for another spelling. */
    before: seldom({ maxLength: 2 }),
    after: seldom({ maxLength: 1 }),
  }),
  check(recipe) {
    const { kind, key } = recipe;
    const headerText = applyObjectEdits({ ...header, kid: KEYS[key].kid }, recipe.header);
    const payloadText = applyObjectEdits(PAYLOADS[kind], recipe.payload);
    const input = applyEdits(`${encode(headerText)}.${encode(payloadText)}`, recipe.before);
    const token = applyEdits(signed(input, KEYS[key]), recipe.after);
    return assertAgreement(token, recipe.policy);
  },
};
