import { type Attacks, withMembers } from "./forge.ts";

/** Who the token is for (RFC 7519 section 4.1.3, RFC 8725 section 3.9). */
export const audienceAttacks: Attacks = async function* ({ audience, elsewhere, claims, signed }) {
  const swapped = audience.replace(/[a-z]/gi, (letter) =>
    letter === letter.toLowerCase() ? letter.toUpperCase() : letter.toLowerCase(),
  );
  const others: readonly (readonly [name: string, aud: unknown, what: string])[] = [
    ["other", [elsewhere], "It is for another application"],
    ["other-string", elsewhere, "It is for another application, in a plain string"],
    ["missing", undefined, "It is for nobody in particular"],
    ["empty-array", [], "It is for nobody: the list is empty"],
    ["empty-string", "", "It is for the empty name"],
    ["array-of-empty-string", [""], "It is for the empty name"],
    ["case", swapped, "The letters are of the other case"],
    ["cut", [audience.slice(0, -1)], "The last letter is missing: a start is not the whole"],
    [
      "half",
      audience.slice(0, audience.length >> 1),
      "It is half of the tag, found in it as a substring",
    ],
    ["longer", `${audience}0`, "The tag is only its start, found in it as a substring"],
    ["longer-before", [`0${audience}`], "The tag is only its end"],
    ["trailing-slash", [`${audience}/`], "A slash follows the tag"],
    ["trailing-space", [`${audience} `], "A space follows the tag"],
    ["trailing-nul", [`${audience}\0`], "A NUL follows the tag, where strings may end"],
    ["comma-joined", `${elsewhere},${audience}`, "Two names joined by a comma are a third one"],
    ["space-joined", `${elsewhere} ${audience}`, "Two names joined by a space are a third one"],
    ["json-in-string", JSON.stringify([audience]), "A list spelled inside a string is a string"],
    ["wildcard", ["*"], "A star is a name like any other, and not this one"],
  ];
  for (const [name, aud, what] of others) {
    // A tag without letters has no other case, and a tag may be a star.
    if ([aud].flat().includes(audience)) continue;
    yield {
      name: `aud-${name}`,
      token: await signed({ ...claims, aud }),
      why: `${what}. An audience is compared as a whole, with its case (RFC 7519 section 4.1.3, RFC 8725 section 3.9).`,
    };
  }
  const shapes: readonly (readonly [name: string, aud: unknown, what: string])[] = [
    ["null", null, "null"],
    ["true", true, "a boolean"],
    ["number", 0, "a number"],
    ["object", { [audience]: true }, "an object that has the tag as a key"],
    ["array-like", { 0: audience, length: 1 }, "an object that looks like an array"],
    ["nested-array", [[audience]], "an array in an array, which turns into the tag as a string"],
    ["array-of-objects", [{ aud: audience }], "an array of objects"],
    ["array-of-null", [null], "an array that holds null"],
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
    why: "Its audience is only in a member __proto__, which some programs turn into the object's prototype: it is for nobody in particular (RFC 7519 section 4.1.3, RFC 8725 section 3.9).",
  };
};
