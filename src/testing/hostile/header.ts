import { encodeBase64Url } from "../../encoding/base64url.ts";
import { encodePart } from "../compact.ts";
import { concat, utf8 } from "../der.ts";
import type { Attacks } from "./forge.ts";

/** Header parameters that ask for more than a guard does (RFC 7515 section 4.1.11). */
export const headerAttacks: Attacks = async function* (forge) {
  const { header, claims, key, attacker, genuine, signed, forged } = forge;
  const extension = "https://issuer.example/extension";
  const critical: readonly (readonly [name: string, more: object, what: string])[] = [
    [
      "unknown-extension",
      { crit: [extension], [extension]: true },
      "It names an extension that must be understood, and nobody can understand an unknown one",
    ],
    ["absent-extension", { crit: [extension] }, "It names an extension that is not even there"],
    ["empty", { crit: [] }, "The list of critical extensions must not be empty"],
    ["string", { crit: "exp" }, "The list of critical extensions must be an array"],
    [
      "object",
      { crit: { 0: "b64", length: 1 } },
      "The list of critical extensions must be an array, and this only looks like one",
    ],
  ];
  for (const [name, more, what] of critical) {
    yield {
      name: `crit-${name}`,
      token: await signed(claims, { ...more }),
      why: `${what}: the token is invalid, no matter who signed it (RFC 7515 section 4.1.11).`,
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
      why: "Its signature is over the payload before encoding. A JWT must never use that option (RFC 7797 section 7), and a guard that follows it verifies other bytes than it reads.",
    };
  }
  yield {
    name: "zip",
    token: await forged({ zip: "DEF" }),
    why: "The attacker signed it and asks for the payload to be inflated: compression belongs to encryption (RFC 7516 section 4.1.3), and a small token may inflate to gigabytes before any check.",
  };
  yield {
    name: "enc",
    token: await forged({ enc: "A256GCM" }),
    why: "The attacker signed it and calls it encrypted: with enc it is a JWE, and it has not the five parts of one (RFC 7516 section 9).",
  };
  yield {
    name: "cty-jwt",
    token: await signed(claims, { cty: "JWT" }),
    why: "It says that its payload is another token, to be validated in its turn, and the payload is none (RFC 7519 section 7.2, step 8).",
  };
  yield {
    name: "cty-jwt-nested",
    token: await signed(`${genuine}`, { cty: "JWT" }),
    why: "A token inside a token. Access issues none, and a guard that reads the outer payload as claims finds no claims there (RFC 7519 sections 5.2 and 7.2).",
  };
  for (const [name, typ, what] of [
    ["access-token", "at+jwt", "an OAuth access token (RFC 9068 section 2.1)"],
    ["introspection", "token-introspection+jwt", "an introspection answer (RFC 9701 section 5)"],
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
    why: "It is a proof that someone holds a key, which it brings along (RFC 9449 section 4.2). It says nothing about who sends it (RFC 8725 section 3.12).",
  };
  yield {
    name: "typ-number",
    token: await signed(claims, { typ: 1 }),
    why: "Its type is a number; a media type is a string (RFC 7515 section 4.1.9).",
  };
};
