// What the standards say about each rule that a reader may leave out, and about each valid token
// that one may refuse.

/** About the rules, by name: must every reader refuse, or may the application decide? */
const WORDS = {
  "no longer than 16,384 bytes": "A limit of postern; no standard sets one.",
  "three parts": "Must be refused: the compact serialization has exactly two dots.",
  "canonical base64url":
    "Must be refused: no padding, white space, other characters or unused bits. A lenient decoder accepts several spellings of what the issuer signed; no claim changes.",
  "JSON objects in UTF-8": "Must be refused (also RFC 8725 section 3.7).",
  "kid is a string": "Must be refused: the parameter's value must be a string.",
  "no crit, b64, enc, zip":
    "`crit` must be refused when it is empty or names unknown parameters. `b64` must not be used in a JWT (RFC 7797 section 7). `enc` and `zip` may be ignored in a signed token (RFC 7515 section 4); postern is stricter.",
  "typ is JWT":
    "A `typ` is a string. The application chooses which ones it accepts, as RFC 8725 advises.",
  "cty is a media type other than JWT":
    "`JWT` means that the payload is a nested token, which must be verified too (RFC 7519 section 7.2, step 8). For other values postern is stricter.",
  "signature less than the modulus": "Must be refused (step 1 there).",
  "aud is a string or strings": "Must be refused.",
  "exp is present and finite":
    "A date must be a number. The standard makes the claim optional; Access always sends it, and postern requires it.",
  "nbf and iat are finite": "Must be refused: each must be a number if present.",
  "iat is not in the future":
    "Left to the application. The standard says that `iat` gives the token's age; postern refuses a negative age.",
  "sub and jti are strings": "Must be refused: each is a string.",
  "type is that of the application":
    "`type` is Cloudflare's own claim. One key signs several kinds of token, and RFC 8725 asks for rules that separate them. A general library cannot know these rules.",
  "names a user or a service": "A rule of Access, which a general library cannot know.",
  "alg is RS256": "Must be refused where RS256 is what the application expects.",
  "the signature is the issuer's and as long as the modulus":
    "Must be refused. The accepted tokens are other spellings of what the issuer signed.",
  "iss is the issuer's":
    "Must be refused when an issuer is configured; the sample does not compare it.",
  "aud names the application": "Must be refused.",
  "exp has not passed": "Must be refused.",
  "nbf has come": "Must be refused.",
};

/** The judgement on a rule, whose name ends in its sections. */
export function judgementOf(rule) {
  const judgement = WORDS[rule.replace(/ \(.*/, "")];
  if (judgement === undefined) throw new Error(`there is no judgement on ${rule}`);
  return judgement;
}

const text = (part) => Buffer.from(part, "base64url").toString();

/** Why a reader may refuse a token that breaks no rule: the first reason that fits. */
export const TRAITS = [
  {
    name: "has no kid, and there are several keys",
    fits: ({ header }) => header.kid === undefined,
    judgement:
      "`kid` is optional (RFC 7515 section 4.1.4). jose asks its caller to choose a key, aws-jwt-verify requires a `kid`. Access always sends it.",
  },
  {
    name: "has an unreadable jwk or x5c",
    fits: ({ header }) => ["jwk", "x5c"].some((name) => name in header),
    judgement:
      "None of the verifiers uses these members. The standard allows both: to ignore them, and to refuse unreadable ones (RFC 7515 sections 4.1.3 and 4.1.6).",
  },
  {
    name: "is nested a thousand levels deep",
    fits: ({ parts }) => text(parts[1]).includes("[".repeat(1000)),
    judgement: "A parser may limit nesting (RFC 8259 section 9).",
  },
  {
    name: "has a member twice",
    fits: () => true,
    judgement:
      "Both are allowed: to refuse it, and to use the last one (RFC 7515 section 4, RFC 7519 section 4).",
  },
];

/** The name of the reason for which a valid token may be refused. */
export function traitOf(facts) {
  return TRAITS.find(({ fits }) => fits(facts));
}
