import { type Attacks, withMembers } from "./forge.ts";

/** Tokens for another audience (RFC 7519 section 4.1.3, RFC 8725 section 3.9). */
export const audienceAttacks: Attacks = async function* ({ audience, elsewhere, claims, signed }) {
  const swapped = audience.replace(/[a-z]/gi, (letter) =>
    letter === letter.toLowerCase() ? letter.toUpperCase() : letter.toLowerCase(),
  );
  const others: readonly (readonly [name: string, aud: unknown, what: string])[] = [
    ["other", [elsewhere], "It is for another application"],
    ["other-string", elsewhere, "It is for another application, and aud is a plain string"],
    ["missing", undefined, "It has no audience"],
    ["empty-array", [], "Its list of audiences is empty"],
    ["empty-string", "", "Its audience is empty"],
    ["array-of-empty-string", [""], "Its only audience is empty"],
    ["case", swapped, "The upper and lower case of the letters are swapped"],
    ["cut", [audience.slice(0, -1)], "The last character of the tag is missing"],
    [
      "half",
      audience.slice(0, audience.length >> 1),
      "It is half of the tag: the tag contains it as a substring",
    ],
    ["longer", `${audience}0`, "It is longer than the tag, and only starts with it"],
    ["longer-before", [`0${audience}`], "It is longer than the tag, and only ends with it"],
    ["trailing-slash", [`${audience}/`], "A slash follows the tag"],
    ["trailing-space", [`${audience} `], "A space follows the tag"],
    ["trailing-nul", [`${audience}\0`], "A NUL follows the tag, and strings in C end there"],
    ["comma-joined", `${elsewhere},${audience}`, "Two tags joined by a comma are not the tag"],
    ["space-joined", `${elsewhere} ${audience}`, "Two tags joined by a space are not the tag"],
    ["json-in-string", JSON.stringify([audience]), "It is a string that contains a list as JSON"],
    ["wildcard", ["*"], "It is a star, which is not a wildcard here"],
  ];
  for (const [name, aud, what] of others) {
    // Some of these equal the tag, for example if it has no letters.
    if ([aud].flat().includes(audience)) continue;
    yield {
      name: `aud-${name}`,
      token: await signed({ ...claims, aud }),
      why: `${what}. An audience must be compared as a whole and case-sensitively (RFC 7519 section 4.1.3, RFC 8725 section 3.9).`,
    };
  }
  const shapes: readonly (readonly [name: string, aud: unknown, what: string])[] = [
    ["null", null, "null"],
    ["true", true, "a boolean"],
    ["number", 0, "a number"],
    ["object", { [audience]: true }, "an object that has the tag as a key"],
    ["array-like", { 0: audience, length: 1 }, "an object that looks like an array"],
    ["nested-array", [[audience]], "an array in an array, which converts to the tag as a string"],
    ["array-of-objects", [{ aud: audience }], "an array of objects"],
    ["array-of-null", [null], "an array that contains null"],
  ];
  for (const [name, aud, what] of shapes) {
    yield {
      name: `aud-${name}`,
      token: await signed({ ...claims, aud }),
      why: `Its audience is ${what}: it must be a string or an array of strings (RFC 7519 section 4.1.3).`,
    };
  }
  const inherited = `"__proto__":{"aud":${JSON.stringify([audience])}}`;
  yield {
    name: "aud-inherited",
    token: await signed(withMembers({ ...claims, aud: undefined }, inherited)),
    why: "Its audience is only inside a member __proto__, which some programs use as the object's prototype: aud itself is missing (RFC 7519 section 4.1.3, RFC 8725 section 3.9).",
  };
};
