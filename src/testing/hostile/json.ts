import { type Part, seal } from "../compact.ts";
import { concat, utf8 } from "../der.ts";
import { type Attacks, type Forge, type HostileToken, withMembers } from "./forge.ts";

/** Parts that are signed and are no JSON object in UTF-8 (RFC 7519 section 7.2, steps 4 and 10). */
export const jsonAttacks: Attacks = async function* (forge) {
  const { header, claims, key, genuine } = forge;
  const json = JSON.stringify(claims);
  const undated = { ...claims, exp: undefined };
  const withEmail = (...bytes: readonly number[]): Part =>
    concat(utf8(`${json.slice(0, -1)},"email":"`), Uint8Array.from(bytes), utf8('"}'));
  const payloads: readonly (readonly [name: string, payload: Part, what: string])[] = [
    ["array", [claims], "The payload is an array"],
    ["string", JSON.stringify(json), "The payload is a string that spells an object"],
    ["token", `"${genuine}"`, "The payload is a string that spells a token"],
    ["null", "null", "The payload is null"],
    ["number", "1", "The payload is a number"],
    ["no-json", "exp=9999999999", "The payload is no JSON"],
    ["trailing-text", `${json}x`, "Text follows the object"],
    ["two-objects", `${json}${json}`, "A second object follows the first"],
    ["trailing-comma", `${json.slice(0, -1)},}`, "A comma follows the last member"],
    ["comment", `${json.slice(0, -1)}/**/}`, "There is a comment in it, and JSON has none"],
    ["single-quotes", json.replaceAll('"', "'"), "Its strings are in single quotes"],
    [
      "nan",
      withMembers(undated, '"exp":NaN'),
      "Its exp is NaN, which JSON has not, and every comparison with it is false",
    ],
    [
      "infinity",
      withMembers(undated, '"exp":Infinity'),
      "Its exp is Infinity, which JSON has not, and which never comes",
    ],
    ["invalid-utf-8", withEmail(0xff), "There is a byte in it that UTF-8 never has"],
    [
      "overlong-utf-8",
      withEmail(0xc0, 0xae),
      "There is an overlong spelling in it (RFC 3629 section 3), which hides a character from filters",
    ],
    ["cut-utf-8", withEmail(0xe2, 0x82), "There is half a character in it"],
    ["utf-16", utf16(json), "It is in UTF-16"],
  ];
  for (const [name, payload, what] of payloads) {
    yield {
      name: `payload-${name}`,
      token: await seal(header, payload, key.sign),
      why: `${what}. The claims must be one valid JSON object in UTF-8 (RFC 7519 section 7.2, step 10; RFC 8725 section 3.7).`,
    };
  }
  const text = JSON.stringify(header);
  const headers: readonly (readonly [name: string, header: Part, what: string])[] = [
    ["array", [header], "The header is an array"],
    ["string", JSON.stringify(text), "The header is a string that spells an object"],
    ["null", "null", "The header is null"],
    ["number", "1", "The header is a number"],
    ["no-json", "alg=RS256", "The header is no JSON"],
    ["trailing-text", `${text}x`, "Text follows the object"],
    [
      "invalid-utf-8",
      concat(utf8(text.slice(0, -1)), utf8(',"x":"'), Uint8Array.of(0xff), utf8('"}')),
      "There is a byte in it that UTF-8 never has",
    ],
  ];
  for (const [name, part, what] of headers) {
    yield {
      name: `header-${name}`,
      token: await seal(part, claims, key.sign),
      why: `${what}. The header must be one valid JSON object in UTF-8 (RFC 7519 section 7.2, step 4).`,
    };
  }
  yield* hiddenBehindAnother(forge);
};

/** A good value for parsers that stop at the first member of a name, a bad one for all others. */
async function* hiddenBehindAnother({
  header,
  claims,
  key,
  elsewhere,
}: Forge): AsyncGenerator<HostileToken, void, void> {
  for (const [claim, last, whose] of [
    ["aud", [elsewhere], "another application's"],
    ["iss", "https://attacker.example", "the attacker's"],
  ] as const) {
    const payload = withMembers(claims, `"${claim}":${JSON.stringify(last)}`);
    yield {
      name: `${claim}-behind-another`,
      token: await seal(header, payload, key.sign),
      why: `Its ${claim} is there twice, and the last one is ${whose}. Duplicates must be rejected or the last one taken (RFC 7519 section 4).`,
    };
  }
}

function utf16(text: string): Part {
  return Uint8Array.from([...text].flatMap((letter) => [letter.charCodeAt(0), 0]));
}
