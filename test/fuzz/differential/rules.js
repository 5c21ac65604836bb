// All rules that a token of this issuer must follow: the second reader's rules, and those that it
// left to jose.
import { verify } from "node:crypto";
import { RULES, readToken } from "../second-reader/rules.js";
import { AUDIENCE, current, NOW, previous, TEAM } from "../world/world.js";

const POLICY = { now: NOW, tolerance: 60, maxAge: undefined, tokenType: "app" };

const OTHERS = {
  "alg is RS256 (RFC 7515 section 4.1.1, RFC 8725 section 3.1)": ({ header }) =>
    header?.alg === "RS256",

  "the signature is the issuer's and as long as the modulus (RFC 7515 section 5.2, RFC 8017 section 8.2.2)":
    ({ token, header, parts }) => {
      const signature = Buffer.from(parts.at(-1), "base64url");
      const input = Buffer.from(token.slice(0, Math.max(0, token.lastIndexOf("."))));
      const keys = [current, previous].filter(({ kid }) => [undefined, kid].includes(header?.kid));
      return keys.some(({ publicKey }) => verify("sha256", input, publicKey, signature));
    },

  "iss is the issuer's (RFC 7519 section 4.1.1, RFC 8725 section 3.8)": ({ payload }) =>
    payload?.iss === TEAM,

  "aud names the application (RFC 7519 section 4.1.3, RFC 8725 section 3.9)": ({ payload }) =>
    [payload?.aud].flat().includes(AUDIENCE),

  "exp has not passed (RFC 7519 section 4.1.4)": ({ payload }) => !(payload?.exp <= NOW - 60),

  "nbf has come (RFC 7519 section 4.1.5)": ({ payload }) => !(payload?.nbf > NOW + 60),
};

const IS_READABLE = "JSON objects in UTF-8 (RFC 7519 section 7.2)";

/** The readable parts of a token, and the rules that it breaks; none when it should be accepted. */
export function judge(token) {
  const facts = readToken(token);
  const broken = Object.entries({ ...OTHERS, ...RULES })
    .filter(([, isKept]) => !isKept(facts, POLICY))
    .map(([name]) => name);
  // About an unreadable token nothing else is known.
  return { facts, broken: broken.includes(IS_READABLE) ? [IS_READABLE] : broken };
}
