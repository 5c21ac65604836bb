// JWK sets with a few edits, as the text that an endpoint may answer.
import fc from "fast-check";
import { attacker, current, previous } from "../world/world.js";
import { applyObjectEdits, objectEdits } from "./members.js";

const json = (...values) => values.map((value) => JSON.stringify(value));
const KEYS = { current, previous, attacker };

const bytesOf = (text) => Buffer.from(text, "base64url");
const { n } = current.jwk;
const withZeros = Buffer.concat([Buffer.alloc(3), bytesOf(n)]).toString("base64url");
const even = Buffer.concat([bytesOf(n).subarray(0, -1), Buffer.alloc(1)]).toString("base64url");
const filled = (bytes) => Buffer.alloc(bytes, 0xff).toString("base64url");

/** The values on which importers of keys go wrong, as JSON text. */
const MEMBERS = {
  kty: json("RSA", "rsa", "EC", "oct"),
  kid: json(current.kid, previous.kid, "", "__proto__", "other", 7),
  use: json("sig", "enc", "SIG"),
  alg: json("RS256", "RS384", "PS256", "rs256"),
  key_ops: json(["verify"], ["sign"], [], "verify", ["sign", "verify"], [["verify"]]),
  n: json(
    ...[n, previous.jwk.n, `${n}=`, `${n} `, n.slice(0, 171), n.slice(1), withZeros, even],
    ...[filled(255), filled(256), filled(1024), filled(1025), "AA", "", "-"],
  ),
  e: json("AQAB", "Aw", "AQ", "AA", "AAAAAQAB", "AQAAAAE", "_____w", "AQAB=", "", "BA", 65537),
  d: json("AQ"),
  k: json("AQ"),
  x5c: json(["AA=="]),
};

const entry = fc.oneof(
  {
    weight: 9,
    arbitrary: fc.record({
      key: fc.constantFrom("current", "current", "previous", "attacker"),
      edits: objectEdits(MEMBERS, 2),
    }),
  },
  { weight: 1, arbitrary: fc.constantFrom("null", "[]", '"RSA"', "7", "{}", '{"kty":"RSA"}') },
);

/** The values to build a set from; {@link textOf} makes its text. */
export const keySets = fc.record({
  entries: fc.array(entry, { maxLength: 4 }),
  set: objectEdits({ keys: ["[]", "{}", "null", '{"0":{}}'], other: json(1) }, 1),
});

export function textOf({ entries, set }) {
  const texts = entries.map((entry) =>
    typeof entry === "string" ? entry : applyObjectEdits(KEYS[entry.key].jwk, entry.edits),
  );
  const whole = applyObjectEdits({ keys: "KEYS" }, set);
  const json = whole.toString("latin1").replace('"KEYS"', () => `[${texts.map(latin1)}]`);
  return Buffer.from(json, "latin1");
}

function latin1(text) {
  return Buffer.from(text).toString("latin1");
}
