import { describe, expect, test } from "vitest";
import { createVerifier, decodeUnverified, TokenError } from "../../src/index.ts";
import {
  AUDIENCE,
  apiClaims,
  createSigner,
  ISSUER,
  now,
  part,
  rejection,
} from "../support/issuer.ts";

const HEADER = part({ alg: "RS256" });
const PAYLOAD = part({ iss: "me" });
const SIGNATURE = "c2ln";

/** The error for a token that cannot be read. */
function refusal(token: unknown): TokenError {
  try {
    decodeUnverified(token as string);
  } catch (error) {
    if (error instanceof TokenError) return error;
    throw error;
  }
  throw new Error("expected a refusal");
}

describe("a compact serialization", () => {
  test("is split into header and payload, without any check", () => {
    const decoded = decodeUnverified(`${HEADER}.${PAYLOAD}.${SIGNATURE}`);
    expect(decoded).toEqual({ header: { alg: "RS256" }, payload: { iss: "me" } });
  });

  test("may have an empty signature, which a later check refuses", () => {
    expect(decodeUnverified(`${HEADER}.${PAYLOAD}.`).payload).toEqual({ iss: "me" });
  });

  test.each([undefined, null, ""])("is missing when it is %j", (token) => {
    expect(refusal(token)).toMatchObject({ code: "token_missing", status: 401 });
  });

  test.each([
    ["one part", HEADER],
    ["two parts", `${HEADER}.${PAYLOAD}`],
    ["four parts", `${HEADER}.${PAYLOAD}.${SIGNATURE}.`],
    ["the five parts of an encrypted token (RFC 7516)", `${HEADER}.a.b.c.d`],
    ["only dots", "...."],
    ["white space", " "],
    ["a JSON serialization (RFC 7515 section 7.2)", '{"payload":"e30","signatures":[]}'],
    ["a full-width dot", `${HEADER}\uff0e${PAYLOAD}\uff0e${SIGNATURE}`],
  ])("refuses %s", (_, token) => {
    expect(refusal(token)).toMatchObject({ code: "token_malformed", part: "token" });
  });

  test.each([
    ["an empty header", `.${PAYLOAD}.${SIGNATURE}`, "header"],
    ["an empty payload", `${HEADER}..${SIGNATURE}`, "payload"],
    ["a padded header", `${HEADER}=.${PAYLOAD}.${SIGNATURE}`, "header"],
    ["a payload with a line feed", `${HEADER}.${PAYLOAD}\n.${SIGNATURE}`, "payload"],
    ["white space before", ` ${HEADER}.${PAYLOAD}.${SIGNATURE}`, "header"],
    ["white space after", `${HEADER}.${PAYLOAD}.${SIGNATURE} `, "signature"],
    ["a quotation mark before", `"${HEADER}.${PAYLOAD}.${SIGNATURE}`, "header"],
    ["a signature with stray bits", `${HEADER}.${PAYLOAD}.c2l`, "signature"],
    ["a signature in the other alphabet", `${HEADER}.${PAYLOAD}.ab+/`, "signature"],
    ["a header that is an array", `${part([])}.${PAYLOAD}.${SIGNATURE}`, "header"],
    ["a header that is null", `${part("null")}.${PAYLOAD}.${SIGNATURE}`, "header"],
    ["a header that is a string", `${part('"RS256"')}.${PAYLOAD}.${SIGNATURE}`, "header"],
    ["a header with a byte order mark", `${part("\ufeff{}")}.${PAYLOAD}.${SIGNATURE}`, "header"],
    ["a payload that is no JSON", `${HEADER}.${part("{iss:1}")}.${SIGNATURE}`, "payload"],
    ["a payload that is a number", `${HEADER}.${part("1")}.${SIGNATURE}`, "payload"],
    ["a payload followed by more", `${HEADER}.${part("{}{}")}.${SIGNATURE}`, "payload"],
    [
      "a payload that is not UTF-8",
      `${HEADER}.${part(new Uint8Array([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d]))}.${SIGNATURE}`,
      "payload",
    ],
  ])("refuses %s and says which part it is", (_, token, where) => {
    expect(refusal(token)).toMatchObject({ code: "token_malformed", part: where });
  });

  test.each([
    ["empty", ""],
    ["padded", `${HEADER}=`],
    ["an array", part([])],
    ["no JSON", part("{alg:1}")],
  ])("is refused by a verifier when its header is %s", async (_, header) => {
    // No key is needed to say so.
    const keys = { find: async () => [] };
    const verifier = createVerifier({ issuer: ISSUER, audience: AUDIENCE, keys });
    const error = await rejection(verifier.verify(`${header}.${PAYLOAD}.${SIGNATURE}`));
    expect(error).toMatchObject({ code: "token_malformed", part: "header", verified: false });
  });

  test.each([
    ["a lone continuation byte", [0x80]],
    ["an overlong slash", [0xc0, 0xaf]],
    ["a truncated sequence", [0xe2, 0x82]],
    ["a surrogate", [0xed, 0xa0, 0x80]],
    ["a code point past U+10FFFF", [0xf4, 0x90, 0x80, 0x80]],
    ["a byte that UTF-8 never uses", [0xff]],
  ])("is no UTF-8 with %s", (_, bytes) => {
    const spelt = part(Buffer.from([...Buffer.from('{"a":"'), ...bytes, ...Buffer.from('"}')]));
    expect(refusal(`${HEADER}.${spelt}.`)).toMatchObject({ part: "payload" });
    expect(refusal(`${spelt}.${PAYLOAD}.`)).toMatchObject({ part: "header" });
  });

  test("is no UTF-16, and has no byte order mark in its bytes", () => {
    const utf16 = part(Buffer.from("{}", "utf16le"));
    expect(refusal(`${HEADER}.${utf16}.`)).toMatchObject({ part: "payload" });
    const marked = part(Buffer.from([0xef, 0xbb, 0xbf, 0x7b, 0x7d]));
    expect(refusal(`${HEADER}.${marked}.`)).toMatchObject({ part: "payload" });
  });

  test("may hold any JSON", () => {
    const claims = { a: "é€😀\u0000", "": [null, -0.5e-7], b: "\ud800" };
    // A lone surrogate is escaped, because UTF-8 has no bytes for it.
    expect(decodeUnverified(`${HEADER}.${part(claims)}.`).payload).toEqual(claims);
  });

  test("keeps nothing of the parser's own error, which quotes its input", () => {
    const error = refusal(`${HEADER}.${part('{"secret')}.${SIGNATURE}`);
    expect(error.cause).toBeUndefined();
    expect(error.message).not.toContain("secret");
  });

  test("is measured before any part is read", () => {
    const error = refusal(".".repeat(16_385));
    expect(error).toMatchObject({ code: "token_too_large", expected: 16_384 });
    expect(refusal(`${"a".repeat(16_383)}.`).code).toBe("token_malformed");
  });

  test("may have exactly the most characters that the options allow", async () => {
    const signer = await createSigner();
    const token = await signer.token(apiClaims());
    const options = { issuer: ISSUER, audience: AUDIENCE, keys: { keys: [signer.jwk] }, now };
    const enough = createVerifier({ ...options, maxTokenBytes: token.length });
    expect((await enough.verify(token)).issuer).toBe(ISSUER);
    const tooFew = createVerifier({ ...options, maxTokenBytes: token.length - 1 });
    expect(await rejection(tooFew.verify(token))).toMatchObject({
      code: "token_too_large",
      expected: token.length - 1,
    });
  });

  test.each([
    ["header", `${HEADER}é.${PAYLOAD}.${SIGNATURE}`],
    ["header", `é${HEADER}.é${PAYLOAD}.é${SIGNATURE}`],
    ["payload", `${HEADER}.é${PAYLOAD}.${SIGNATURE}`],
    ["payload", `${HEADER}.${PAYLOAD}é.${SIGNATURE}é`],
    ["signature", `${HEADER}.${PAYLOAD}.é${SIGNATURE}`],
    ["signature", `${HEADER}.${PAYLOAD}.${SIGNATURE}é`],
  ])("is ASCII: the first %s that is not is reported", (part, token) => {
    expect(refusal(token)).toMatchObject({ code: "token_malformed", part });
  });

  test.each([[12], [{}], [Symbol("token")], [["a.b.c"]]])("is a string: %s is not one", (token) => {
    expect(refusal(token)).toMatchObject({ code: "token_malformed", part: "token" });
  });
});
