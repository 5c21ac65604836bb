import { beforeAll, describe, expect, test } from "vitest";
import { createStaticKeySet, createVerifier, type VerifiedToken } from "../../src/index.ts";
import { mediaType } from "../../src/token/header.ts";
import {
  AUDIENCE,
  apiClaims,
  createSigner,
  ISSUER,
  now,
  part,
  rejection,
  type Signer,
  TEAM,
  userClaims,
} from "../support/issuer.ts";

let signer: Signer;
beforeAll(async () => {
  signer = await createSigner();
});

type Header = { [name: string]: unknown };

/** Verifies an issuer's token whose header holds these members as well. */
async function asIssuer(header: Header, acceptedHeaderTypes?: string[]): Promise<VerifiedToken> {
  const keys = createStaticKeySet({ keys: [signer.jwk] });
  const options = { issuer: ISSUER, audience: AUDIENCE, keys, now, acceptedHeaderTypes };
  return createVerifier(options).verify(await signer.token(apiClaims(), header));
}

async function asTeam(header: Header): Promise<VerifiedToken> {
  const keys = createStaticKeySet({ keys: [signer.jwk] });
  const options = { team: TEAM, audience: AUDIENCE, keys, now };
  return createVerifier(options).verify(await signer.token(userClaims(), header));
}

describe("alg", () => {
  test.each([
    "none",
    "None",
    "nOnE",
    "NONE",
    "",
    "HS256",
    "RS384",
    "RS512",
    "PS256",
    "ES256",
    "EdDSA",
    "rs256",
    "RS256 ",
    " RS256",
    "RS256\0",
    "RSASSA-PKCS1-v1_5",
    undefined,
    null,
    true,
    256,
    ["RS256"],
    { toString: "RS256" },
  ])("refuses %j, even with a valid signature", async (alg) => {
    const error = await rejection(asIssuer({ alg }));
    expect(error).toMatchObject({ code: "algorithm_not_allowed", status: 401, verified: false });
  });

  test("refuses a token that says none and has no signature", async () => {
    const keys = { keys: [signer.jwk] };
    const verifier = createVerifier({ issuer: ISSUER, audience: AUDIENCE, keys, now });
    const token = `${part({ alg: "none" })}.${part(apiClaims())}.`;
    expect(await rejection(verifier.verify(token))).toMatchObject({
      code: "algorithm_not_allowed",
    });
  });

  test("refuses an HMAC made with the public key as its secret", async () => {
    const { createHmac, createPublicKey } = await import("node:crypto");
    const pem = createPublicKey({ key: signer.jwk as never, format: "jwk" });
    const secret = pem.export({ type: "spki", format: "pem" });
    const input = `${part({ alg: "HS256", kid: signer.kid })}.${part(apiClaims())}`;
    const mac = createHmac("sha256", secret).update(input).digest("base64url");
    const keys = { keys: [signer.jwk] };
    const verifier = createVerifier({ issuer: ISSUER, audience: AUDIENCE, keys, now });
    expect(await rejection(verifier.verify(`${input}.${mac}`))).toMatchObject({
      code: "algorithm_not_allowed",
      expected: "RS256",
    });
  });
});

describe("kid", () => {
  test.each([null, 1, true, ["key-1"], { kid: "key-1" }])(
    "refuses %j, which is no string",
    async (kid) => {
      expect(await rejection(asIssuer({ kid }))).toMatchObject({
        code: "token_malformed",
        part: "header",
      });
    },
  );
});

describe("a header without kid", () => {
  test("tries every key", async () => {
    expect((await asIssuer({ kid: undefined })).header).not.toHaveProperty("kid");
  });
});

describe("mediaType", () => {
  test.each([
    ["jwt", "jwt"],
    ["JWT", "jwt"],
    ["application/JWT", "jwt"],
    ["applicationjwt", "applicationjwt"],
    ["japplication/wt", "japplication/wt"],
    ["application/application/jwt", "application/application/jwt"],
    ["application/text/plain", "application/text/plain"],
    ["", ""],
    [undefined, ""],
    [7, ""],
    [["jwt"], ""],
  ])("abbreviates %j to %j", (value, type) => {
    expect(mediaType(value)).toBe(type);
  });
});

describe("parameters that ask for processing that is not done", () => {
  test.each([
    ["crit", ["exp"]],
    ["crit", []],
    ["crit", null],
    ["crit", false],
    ["b64", false],
    ["b64", true],
    ["enc", "A128GCM"],
    ["enc", ""],
    ["zip", "DEF"],
    ["zip", null],
  ])("refuses %s: %j", async (parameter, value) => {
    expect(await rejection(asIssuer({ [parameter]: value }))).toMatchObject({
      code: "header_unsupported",
      claim: parameter,
    });
  });

  test.each(["JWT", "jwt", "application/jwt", "Application/JWT", "", 7, null])(
    "refuses cty %j, because the content was never checked",
    async (cty) => {
      expect(await rejection(asIssuer({ cty }))).toMatchObject({
        code: "header_unsupported",
        claim: "cty",
      });
    },
  );

  test("accepts a cty that says something else", async () => {
    expect((await asIssuer({ cty: "json" })).header["cty"]).toBe("json");
  });
});

describe("typ", () => {
  test.each(["JWT", "jwt", "application/jwt", "APPLICATION/JWT", undefined])(
    "accepts %j for a team",
    async (typ) => {
      expect((await asTeam({ typ })).issuer).toBe(TEAM);
    },
  );

  test.each(["JWT", "at+jwt", "AT+JWT", "application/at+jwt", undefined])(
    "accepts %j for any other issuer",
    async (typ) => {
      expect((await asIssuer({ typ })).issuer).toBe(ISSUER);
    },
  );

  test.each([
    "at+jwt",
    "logout+jwt",
    "secevent+jwt",
    "JWE",
    "",
    "application/",
    "application/application/jwt",
    "text/jwt",
    " JWT",
    "JWT;v=1",
    null,
    0,
    ["JWT"],
  ])("refuses %j for a team", async (typ) => {
    expect(await rejection(asTeam({ typ }))).toMatchObject({
      code: "header_unsupported",
      claim: "typ",
    });
  });

  test.each(["logout+jwt", "secevent+jwt", "dpop+jwt"])(
    "refuses %j for any other issuer",
    async (typ) => {
      expect(await rejection(asIssuer({ typ }))).toMatchObject({ code: "header_unsupported" });
    },
  );

  test("accepts the option's value, without case and without application/", async () => {
    const types = ["application/Example+JWT"];
    expect((await asIssuer({ typ: "example+jwt" }, types)).issuer).toBe(ISSUER);
    expect(await rejection(asIssuer({ typ: "JWT" }, types))).toMatchObject({
      code: "header_unsupported",
      expected: ["example+jwt"],
    });
  });
});

describe("keys inside a token", () => {
  test("are never read: a token signed with its own jwk is forged", async () => {
    const attacker = await createSigner();
    const keys = { keys: [signer.jwk] };
    const verifier = createVerifier({ issuer: ISSUER, audience: AUDIENCE, keys, now });
    const header = {
      jwk: attacker.jwk,
      jku: "https://attacker.example/jwks",
      x5u: "https://attacker.example/cert",
      x5c: ["MIIB"],
    };
    const token = await attacker.token(apiClaims(), header);
    expect(await rejection(verifier.verify(token))).toMatchObject({ code: "signature_invalid" });
    // The same members in one of the issuer's own tokens change nothing.
    expect((await asIssuer(header)).issuer).toBe(ISSUER);
  });
});
