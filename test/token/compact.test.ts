import { describe, expect, test } from "vitest";
import { decodeUnverified, TokenError } from "../../src/index.ts";
import { parseCompact } from "../../src/token/compact.ts";
import { part } from "../support/issuer.ts";

const HEADER = part({ alg: "RS256" });
const PAYLOAD = part({ iss: "me" });
const SIGNATURE = "c2ln";

/** The error that a token is refused with. */
function refusal(token: unknown, maxBytes?: number): TokenError {
  try {
    parseCompact(token, maxBytes);
  } catch (error) {
    if (error instanceof TokenError) return error;
    throw error;
  }
  throw new Error("expected a refusal");
}

describe("parseCompact", () => {
  test("takes a token apart, with its signing input byte by byte (RFC 7515 section 5.2)", () => {
    const parsed = parseCompact(`${HEADER}.${PAYLOAD}.${SIGNATURE}`);
    expect(parsed.header).toEqual({ alg: "RS256" });
    expect(parsed.payload).toEqual({ iss: "me" });
    expect(Buffer.from(parsed.signature).toString()).toBe("sig");
    expect(Buffer.from(parsed.signingInput).toString()).toBe(`${HEADER}.${PAYLOAD}`);
  });

  test("takes an empty signature apart: that it proves nothing is said later", () => {
    expect(parseCompact(`${HEADER}.${PAYLOAD}.`).signature).toHaveLength(0);
  });

  test.each([undefined, null, ""])("calls %j a missing token", (token) => {
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

  test("keeps nothing of the parser's own error, which quotes what it read", () => {
    const error = refusal(`${HEADER}.${part('{"secret')}.${SIGNATURE}`);
    expect(error.cause).toBeUndefined();
    expect(error.message).not.toContain("secret");
  });

  test("measures a token before it reads anything of it", () => {
    const error = refusal(".".repeat(16_385));
    expect(error).toMatchObject({ code: "token_too_large", expected: 16_384 });
  });

  test("takes a token of exactly the most there may be", () => {
    const token = `${HEADER}.${PAYLOAD}.${SIGNATURE}`;
    expect(parseCompact(token, token.length).payload).toEqual({ iss: "me" });
    expect(refusal(token, token.length - 1).code).toBe("token_too_large");
  });
});

describe("decodeUnverified", () => {
  test("reads header and payload, and nothing of the signature", () => {
    const decoded = decodeUnverified(`${HEADER}.${PAYLOAD}.`);
    expect(decoded).toEqual({ header: { alg: "RS256" }, payload: { iss: "me" } });
  });

  test.each([[undefined], [12], [{}], ["a.b"], ["a".repeat(20_000)]])(
    "refuses what is no token with a TokenError",
    (token) => {
      expect(() => decodeUnverified(token as string)).toThrow(TokenError);
    },
  );
});
