// What the standards say to each rule that a reader may leave out, and to each lawful token that one may
// refuse.

/** Of the rules, by their names: must everyone refuse, or may the application decide? */
const WORDS = {
  "no longer than 16,384 bytes": "A bound of postern's own; no standard sets one.",
  "three parts": "Must be refused: the compact serialization has exactly two dots.",
  "one spelling":
    "Must be refused: no padding, white space or other characters, and no bits that spell nothing. Readers that use a lenient decoder accept several spellings of what the issuer signed; no claim changes by it.",
  "JSON objects in UTF-8": "Must be refused (also RFC 8725 section 3.7).",
  "kid is a string": "Must be refused: the parameter's value must be a string.",
  "no crit, b64, enc, zip":
    "`crit` must be refused where it is empty, names what is absent or what is not understood, and `b64` must not be used in a JWT (RFC 7797 section 7). `enc` and `zip` mean nothing in a signed token, and unknown parameters may be ignored (RFC 7515 section 4): there postern asks for more.",
  "typ is JWT":
    "A `typ` is a string. Which ones are accepted is the application's choice; RFC 8725 advises to make it, and postern does.",
  "cty is a type, and not JWT":
    "`JWT` says that the payload is a nested token, to be validated in its turn (RFC 7519 section 7.2, step 8). For other odd values postern asks for more.",
  "signature less than the modulus": "Must be refused (step 1 there).",
  "aud is a string or strings": "Must be refused: nothing else is an audience.",
  "exp is there and finite":
    "A date must be a number. The claim is optional in the standard; Access always sends it, and postern requires it.",
  "nbf, iat are finite": "Must be refused: each must be a number where it is present.",
  "iat is not in the future":
    "Left to the application. The standard only says that `iat` can tell a token's age; postern refuses an age below zero.",
  "sub, jti are strings": "Must be refused: each is a string.",
  "type is the application's":
    "`type` is Cloudflare's own. One key signs several kinds of token, and RFC 8725 asks for rules that tell them apart; a general library cannot know them.",
  "names a user or a service":
    "Access's own rule: a general library cannot know whom a token must name.",
  "alg is RS256": "Must be refused where RS256 is what the application expects.",
  "the signature is the issuer's, as long as the modulus":
    "Must be refused. What is accepted here is another spelling of what the issuer signed.",
  "iss is the issuer's":
    "Must be refused where an issuer is configured; the sample does not compare it.",
  "aud names the application": "Must be refused.",
  "exp has not passed": "Must be refused.",
  "nbf has come": "Must be refused.",
};

/** The judgement on a rule, whose name ends in its sections. */
export function judgementOf(rule) {
  const judgement = WORDS[rule.replace(/ \(.*/, "")];
  if (judgement === undefined) throw new Error(`nobody has judged: ${rule}`);
  return judgement;
}

const text = (part) => Buffer.from(part, "base64url").toString();

/** Why a reader may refuse a token that breaks no rule: the first that fits. */
export const TRAITS = [
  {
    name: "names no key, where there are several",
    fits: ({ header }) => header.kid === undefined,
    judgement:
      "`kid` is optional (RFC 7515 section 4.1.4). A reader may insist on it: jose asks its caller which key, aws-jwt-verify requires it. Access always sends it.",
  },
  {
    name: "brings an unreadable jwk or x5c",
    fits: ({ header }) => ["jwk", "x5c"].some((name) => name in header),
    judgement:
      "Neither is used by anyone here. Reading it all the same, and refusing what cannot be read, is lawful (RFC 7515 sections 4.1.3 and 4.1.6), and so is not reading it.",
  },
  {
    name: "is nested a thousand deep",
    fits: ({ parts }) => text(parts[1]).includes("[".repeat(1000)),
    judgement: "A parser may set a limit to nesting (RFC 8259 section 9).",
  },
  {
    name: "has a member twice",
    fits: () => true,
    judgement:
      "It must be refused, or the last one taken (RFC 7515 section 4, RFC 7519 section 4): both are lawful.",
  },
];

/** The name of the reason for which a lawful token may be refused. */
export function traitOf(facts) {
  return TRAITS.find(({ fits }) => fits(facts));
}
