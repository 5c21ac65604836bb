import { encodeBase64Url } from "../../encoding/base64url.ts";
import { encodePart } from "../compact.ts";
import { concat, utf8 } from "../der.ts";
import type { Attacks } from "./forge.ts";

/** Header parameters that a guard does not support (RFC 7515 section 4.1.11). */
export const headerAttacks: Attacks = async function* (forge) {
  const { header, claims, key, attacker, genuine, signed, forged } = forge;
  const extension = "https://issuer.example/extension";
  const critical: readonly (readonly [name: string, more: object, what: string])[] = [
    [
      "unknown-extension",
      { crit: [extension], [extension]: true },
      "It requires the guard to understand an extension that does not exist",
    ],
    [
      "absent-extension",
      { crit: [extension] },
      "It lists a critical parameter that the header does not contain",
    ],
    ["empty", { crit: [] }, "The list of critical extensions must not be empty"],
    ["string", { crit: "exp" }, "The list of critical extensions must be an array"],
    [
      "object",
      { crit: { 0: "b64", length: 1 } },
      "The list of critical extensions must be an array, and this is an object",
    ],
  ];
  for (const [name, more, what] of critical) {
    yield {
      name: `crit-${name}`,
      token: await signed(claims, { ...more }),
      why: `${what}: the token is invalid, even with a genuine signature (RFC 7515 section 4.1.11).`,
    };
  }
  for (const [name, more] of [
    ["b64-false", { b64: false, crit: ["b64"] }],
    ["b64-false-not-critical", { b64: false }],
  ] as const) {
    const first = encodePart({ ...header, ...more });
    const bytes = utf8(JSON.stringify(claims));
    const signature = await key.sign(concat(utf8(`${first}.`), bytes));
    yield {
      name,
      token: `${first}.${encodeBase64Url(bytes)}.${encodeBase64Url(signature)}`,
      why: "Its signature covers the payload before the encoding. A JWT must never use that option (RFC 7797 section 7): the guard would verify other bytes than those that it reads.",
    };
  }
  yield {
    name: "zip",
    token: await forged({ zip: "DEF" }),
    why: "The attacker signed it, and zip asks the guard to decompress the payload. Only encrypted tokens can be compressed (RFC 7516 section 4.1.3), and a small token could become gigabytes before any check.",
  };
  yield {
    name: "enc",
    token: await forged({ enc: "A256GCM" }),
    why: "The attacker signed it, and enc says that it is encrypted. But it does not have the five parts of an encrypted token (RFC 7516 section 9).",
  };
  yield {
    name: "cty-jwt",
    token: await signed(claims, { cty: "JWT" }),
    why: "Its cty says that the payload is another token to validate, but the payload is not a token (RFC 7519 section 7.2, step 8).",
  };
  yield {
    name: "cty-jwt-nested",
    token: await signed(`${genuine}`, { cty: "JWT" }),
    why: "It is a token inside a token. Access never issues one, and the outer payload contains no claims (RFC 7519 sections 5.2 and 7.2).",
  };
  for (const [name, typ, what] of [
    ["access-token", "at+jwt", "an OAuth access token (RFC 9068 section 2.1)"],
    ["introspection", "token-introspection+jwt", "an introspection response (RFC 9701 section 5)"],
  ] as const) {
    yield {
      name: `typ-${name}`,
      token: await signed(claims, { typ }),
      why: `Its type says that it is ${what}. A token of one kind must not pass for another (RFC 8725 sections 3.11 and 3.12).`,
    };
  }
  yield {
    name: "typ-proof",
    token: await forged({ typ: "dpop+jwt", kid: undefined, jwk: attacker.publicJwk }),
    why: "It only proves that the sender has the key in its header (RFC 9449 section 4.2), not who the sender is (RFC 8725 section 3.12).",
  };
  yield {
    name: "typ-number",
    token: await signed(claims, { typ: 1 }),
    why: "Its typ is a number, but it must be a string (RFC 7515 section 4.1.9).",
  };
};
