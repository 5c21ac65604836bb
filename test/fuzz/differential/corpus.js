// The tokens that every reader gets, in classes: genuine ones, hostileTokens() by families, and
// classes of random edits from a fixed seed.
import fc from "fast-check";
import { applyEdits, edits } from "../arbitrary/edits.js";
import { applyObjectEdits, objectEdits } from "../arbitrary/members.js";
import { CLAIM_VALUES, HEADER_VALUES } from "../arbitrary/token-values.js";
import { encode, genuine, header, seal, signed, user } from "../world/world.js";

const SEED = 7515;
const EACH = 40;

/** The families of hostileTokens(), by the first word of a name. */
const FAMILIES = {
  "another algorithm, or none": ["alg"],
  "an HMAC made with a public key": ["hmac"],
  "a key inside the token": ["embedded", "jku", "x5u"],
  "a stolen, missing or malicious kid": ["stolen", "kid", "no"],
  "a header that asks for unsupported processing": ["crit", "b64", "zip", "enc", "cty"],
  "a header of another type": ["typ"],
  "a wrong signature": ["signature"],
  "a part that is not a JSON object in UTF-8, or was changed": ["payload", "header"],
  "another audience": ["aud"],
  "another issuer": ["iss"],
  "wrong or missing times": ["exp", "nbf", "iat"],
  "a token for another purpose": ["org", "service", "external", "log", "security"],
  "a token that Access gives to every visitor": ["meta"],
  "a wrong number of parts": ["structure"],
  "not canonical base64url": ["spelling"],
};

/** Tokens that a header field and a cookie both carry unchanged. */
const CARRIED = /^[!#-+\--:<-[\]-~](?:[ !#-+\--:<-[\]-~]*[!#-+\--:<-[\]-~])?$/;

const { exp, nbf, iat, ...timeless } = CLAIM_VALUES;
const inputOf = (headerText, payloadText) => `${encode(headerText)}.${encode(payloadText)}`;
const text = JSON.stringify;
const [headerText, payloadText] = [text(header), text(user)];
const some = { minLength: 1, maxLength: 2 };
const membersOnly = (values) =>
  objectEdits(values, 2).map(({ members }) => ({ members, text: [] }));
const textOnly = objectEdits(timeless, 1).map(({ text }) => ({ members: [], text }));

const CHANCE = {
  "changed characters, after signing": edits(some).map((list) => applyEdits(genuine[0], list)),
  "changed characters, signed": edits(some).map((list) =>
    signed(applyEdits(inputOf(headerText, payloadText), list)),
  ),
  "changed header parameters, signed": membersOnly(HEADER_VALUES).map((changes) =>
    seal(applyObjectEdits(header, changes), payloadText),
  ),
  "changed claims, signed": membersOnly(timeless).map((changes) =>
    seal(headerText, applyObjectEdits(user, changes)),
  ),
  "changed JSON text, signed": textOnly.map((changes) =>
    seal(headerText, applyObjectEdits(user, changes)),
  ),
};

/** `[{ name, tokens }]`; a class of random tokens has no token twice. */
export async function corpus(issuer) {
  const hostile = await issuer.hostileTokens();
  const classes = [
    {
      name: "genuine",
      tokens: [...genuine, await issuer.userToken(), await issuer.serviceToken()],
    },
  ];
  for (const [name, words] of Object.entries(FAMILIES)) {
    const members = hostile.filter((one) => words.includes(one.name.split("-")[0]));
    classes.push({ name, tokens: members.map(({ token }) => token) });
  }
  const count = classes.slice(1).reduce((sum, { tokens }) => sum + tokens.length, 0);
  if (count !== hostile.length) throw new Error("a hostile token is of no class, or of two");
  for (const [name, arbitrary] of Object.entries(CHANCE)) {
    const tokens = new Set(fc.sample(arbitrary, { seed: SEED, numRuns: 6 * EACH }));
    const carried = [...tokens].filter((token) => CARRIED.test(token) && token.length < 12_000);
    classes.push({ name: `random: ${name}`, tokens: carried.slice(0, EACH) });
  }
  return classes;
}
