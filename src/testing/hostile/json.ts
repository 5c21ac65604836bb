import { type Part, seal } from "../compact.ts";
import { concat, utf8 } from "../der.ts";
import { type Attacks, type Forge, type HostileToken, withMembers } from "./forge.ts";

/** Signed parts that are not a JSON object in UTF-8 (RFC 7519 section 7.2, steps 4 and 10). */
export const jsonAttacks: Attacks = async function* (forge) {
  const { header, claims, key, genuine } = forge;
  const json = JSON.stringify(claims);
  const undated = { ...claims, exp: undefined };
  const withEmail = (...bytes: readonly number[]): Part =>
    concat(utf8(`${json.slice(0, -1)},"email":"`), Uint8Array.from(bytes), utf8('"}'));
  const payloads: readonly (readonly [name: string, payload: Part, what: string])[] = [
    ["array", [claims], "The payload is an array"],
    ["string", JSON.stringify(json), "The payload is a string that contains an object as JSON"],
    ["token", `"${genuine}"`, "The payload is a string that contains a token"],
    ["null", "null", "The payload is null"],
    ["number", "1", "The payload is a number"],
    ["no-json", "exp=9999999999", "The payload is not JSON"],
    ["trailing-text", `${json}x`, "Text follows the object"],
    ["two-objects", `${json}${json}`, "A second object follows the first"],
    ["trailing-comma", `${json.slice(0, -1)},}`, "A comma follows the last member"],
    ["comment", `${json.slice(0, -1)}/**/}`, "It contains a comment, which JSON does not allow"],
    ["single-quotes", json.replaceAll('"', "'"), "Its strings are in single quotes"],
    [
      "nan",
      withMembers(undated, '"exp":NaN'),
      "Its exp is NaN, which JSON does not allow, and every comparison with NaN is false",
    ],
    [
      "infinity",
      withMembers(undated, '"exp":Infinity'),
      "Its exp is Infinity, which JSON does not allow, so it would never expire",
    ],
    ["invalid-utf-8", withEmail(0xff), "It contains a byte that is not valid in UTF-8"],
    [
      "overlong-utf-8",
      withEmail(0xc0, 0xae),
      "It contains an overlong encoding (RFC 3629 section 3), which hides a character from filters",
    ],
    ["cut-utf-8", withEmail(0xe2, 0x82), "It contains an incomplete character"],
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
    ["string", JSON.stringify(text), "The header is a string that contains an object as JSON"],
    ["null", "null", "The header is null"],
    ["number", "1", "The header is a number"],
    ["no-json", "alg=RS256", "The header is not JSON"],
    ["trailing-text", `${text}x`, "Text follows the object"],
    [
      "invalid-utf-8",
      concat(utf8(text.slice(0, -1)), utf8(',"x":"'), Uint8Array.of(0xff), utf8('"}')),
      "It contains a byte that is not valid in UTF-8",
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

/** Two members of one name: the first has the right value, and the second a wrong one. */
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
      why: `It has ${claim} twice, and the last one is ${whose}. A guard must reject duplicates or use the last one (RFC 7519 section 4).`,
    };
  }
}

function utf16(text: string): Part {
  return Uint8Array.from([...text].flatMap((letter) => [letter.charCodeAt(0), 0]));
}
