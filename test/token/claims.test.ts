import { beforeAll, describe, expect, test } from "vitest";
import { createVerifier, TokenError, type VerifiedToken } from "../../src/index.ts";
import {
  AUDIENCE,
  apiClaims,
  createSigner,
  ISSUER,
  NOW,
  now,
  rejection,
  type Signer,
  serviceClaims,
  TEAM,
  userClaims,
} from "../support/issuer.ts";

let signer: Signer;
beforeAll(async () => {
  signer = await createSigner();
});

type Claims = { [claim: string]: unknown };
type Options = { [option: string]: unknown };

/** Verifies an issuer's token with these claims, written as JSON where the spelling matters. */
async function asIssuer(claims: Claims | string, options: Options = {}): Promise<VerifiedToken> {
  const keys = { keys: [signer.jwk] };
  const verifier = createVerifier({ issuer: ISSUER, audience: AUDIENCE, keys, now, ...options });
  // Once its keys are known, a set reports claims only after a good signature.
  await verifier.prefetch();
  const header = JSON.stringify({ alg: "RS256", kid: signer.kid });
  const payload = typeof claims === "string" ? claims : JSON.stringify(apiClaims(claims));
  return verifier.verify(await signer.spelt(header, payload));
}

async function asTeam(claims: Claims, options: Options = {}): Promise<VerifiedToken> {
  const keys = { keys: [signer.jwk] };
  const verifier = createVerifier({ team: TEAM, audience: AUDIENCE, keys, now, ...options });
  await verifier.prefetch();
  return verifier.verify(await signer.token(claims));
}

/** The code of a refusal and its claim; "accepted" when there was none. */
async function verdict(promise: Promise<unknown>): Promise<string> {
  try {
    await promise;
    return "accepted";
  } catch (error) {
    if (!(error instanceof TokenError)) throw error;
    expect(error).toMatchObject({ status: 401, verified: true });
    return `${error.code} ${error.claim}`;
  }
}

/** A payload as JSON in which one claim has exactly this spelling. */
function spelt(claim: string, json: string): string {
  const { [claim]: _, ...others } = apiClaims() as Claims;
  return `${JSON.stringify(others).slice(0, -1)},${JSON.stringify(claim)}:${json}}`;
}

const NO_NUMBERS = ['"1700003600"', "null", "true", "[]", "[1700003600]", "{}", "1e999", "-1e999"];

describe("exp", () => {
  test("is required", async () => {
    expect(await verdict(asIssuer({ exp: undefined }))).toBe("claim_missing exp");
  });

  test.each(NO_NUMBERS)("must be a finite number, not %s", async (json) => {
    expect(await verdict(asIssuer(spelt("exp", json)))).toBe("claim_invalid exp");
  });

  test.each(["0", "-0", "-1", "-1700003600", "0.5", "1e-7"])("of %s is long past", async (json) => {
    expect(await verdict(asIssuer(spelt("exp", json)))).toBe("token_expired exp");
  });

  test.each([
    [NOW - 60, "token_expired exp"],
    [NOW - 59.999, "accepted"],
    [NOW - 59, "accepted"],
    [NOW + 0.5, "accepted"],
    [1e300, "accepted"],
  ])("of %d is, with a tolerance of 60 s, %s", async (exp, expected) => {
    expect(await verdict(asIssuer({ exp }))).toBe(expected);
  });

  test.each([
    [NOW, "token_expired exp"],
    [NOW + 0.001, "accepted"],
  ])("of %d is, without tolerance, %s", async (exp, expected) => {
    expect(await verdict(asIssuer({ exp }, { clockToleranceSeconds: 0 }))).toBe(expected);
  });

  test("is compared in milliseconds of the clock", async () => {
    const options = { clockToleranceSeconds: 0, now: () => NOW * 1000 + 999 };
    expect(await verdict(asIssuer({ exp: NOW + 1 }, options))).toBe("accepted");
    expect(await verdict(asIssuer({ exp: NOW + 0.999 }, options))).toBe("token_expired exp");
  });
});

describe.each(["nbf", "iat"])("%s", (claim) => {
  test("may be absent", async () => {
    expect(await verdict(asIssuer({ [claim]: undefined }))).toBe("accepted");
  });

  test.each(NO_NUMBERS)("must be a finite number, not %s", async (json) => {
    expect(await verdict(asIssuer(spelt(claim, json)))).toBe(`claim_invalid ${claim}`);
  });

  test.each(["0", "-1", "0.5", "1699999999.5"])("may be %s, like any past time", async (json) => {
    expect(await verdict(asIssuer(spelt(claim, json)))).toBe("accepted");
  });

  test.each([
    [NOW + 60, "accepted"],
    [NOW + 60.001, `token_not_yet_valid ${claim}`],
    [NOW + 61, `token_not_yet_valid ${claim}`],
    [1e300, `token_not_yet_valid ${claim}`],
  ])("of %d is, with a tolerance of 60 s, %s", async (time, expected) => {
    expect(await verdict(asIssuer({ [claim]: time }))).toBe(expected);
  });

  test.each([
    [NOW, "accepted"],
    [NOW + 0.001, `token_not_yet_valid ${claim}`],
  ])("of %d is, without tolerance, %s", async (time, expected) => {
    expect(await verdict(asIssuer({ [claim]: time }, { clockToleranceSeconds: 0 }))).toBe(expected);
  });
});

describe("maxTokenAgeSeconds", () => {
  const options = { maxTokenAgeSeconds: 600, clockToleranceSeconds: 10 };

  test("requires iat", async () => {
    expect(await verdict(asIssuer({ iat: undefined }, options))).toBe("claim_missing iat");
  });

  test.each([
    [NOW - 610.001, "token_expired iat"],
    [NOW - 610, "accepted"],
    [NOW - 1, "accepted"],
    [0, "token_expired iat"],
  ])("refuses by iat alone: %d is %s", async (iat, expected) => {
    expect(await verdict(asIssuer({ iat }, options))).toBe(expected);
  });

  test("of 0 leaves only the tolerance", async () => {
    const none = { maxTokenAgeSeconds: 0, clockToleranceSeconds: 10 };
    expect(await verdict(asIssuer({ iat: NOW - 10 }, none))).toBe("accepted");
    expect(await verdict(asIssuer({ iat: NOW - 10.001 }, none))).toBe("token_expired iat");
  });
});

describe("iss", () => {
  test("is required", async () => {
    expect(await verdict(asIssuer({ iss: undefined }))).toBe("claim_missing iss");
  });

  test.each([
    `${ISSUER}/`,
    ISSUER.toUpperCase(),
    ` ${ISSUER}`,
    `${ISSUER}.attacker.example`,
    ISSUER.replace("https", "http"),
    ISSUER.slice(0, -1),
    "",
  ])("must be the same string: %j is not", async (iss) => {
    expect(await verdict(asIssuer({ iss }))).toBe("issuer_mismatch iss");
  });

  test.each([null, 1, true, [ISSUER], { 0: ISSUER }])(
    "must be a string: %j is not",
    async (iss) => {
      expect(await verdict(asIssuer({ iss }))).toBe("claim_invalid iss");
    },
  );
});

describe("aud", () => {
  test("is required", async () => {
    expect(await verdict(asIssuer({ aud: undefined }))).toBe("claim_missing aud");
  });

  test.each([[AUDIENCE], [[AUDIENCE]], [["other", AUDIENCE]], [[AUDIENCE, AUDIENCE]]])(
    "of %j is accepted",
    async (aud) => {
      expect(await verdict(asIssuer({ aud }))).toBe("accepted");
    },
  );

  test.each([
    [""],
    [[]],
    [[""]],
    ["other"],
    [["other"]],
    [AUDIENCE.slice(0, -1)],
    [`${AUDIENCE}0`],
    [AUDIENCE.toUpperCase()],
    [` ${AUDIENCE}`],
    [`${AUDIENCE},other`],
    [`${AUDIENCE} other`],
  ])("of %j names no configured audience", async (aud) => {
    expect(await verdict(asIssuer({ aud }))).toBe("audience_mismatch aud");
  });

  test.each([
    [null],
    [0],
    [true],
    [{ 0: AUDIENCE, length: 1 }],
    [{ aud: AUDIENCE }],
    [[AUDIENCE, 1]],
    [[1, AUDIENCE]],
    [[AUDIENCE, null]],
    [[[AUDIENCE]]],
  ])("of %j is neither a string nor an array of strings", async (aud) => {
    expect(await verdict(asIssuer({ aud }))).toBe("claim_invalid aud");
  });

  test("needs one of several configured audiences", async () => {
    const options = { audience: ["one", "two"] };
    expect(await verdict(asIssuer({ aud: "two" }, options))).toBe("accepted");
    expect(await verdict(asIssuer({ aud: ["three", "one"] }, options))).toBe("accepted");
    expect(await verdict(asIssuer({ aud: ["one,two"] }, options))).toBe("audience_mismatch aud");
  });
});

describe.each(["sub", "jti"])("%s", (claim) => {
  test.each([undefined, "", "x"])("may be %j for an issuer", async (value) => {
    expect(await verdict(asIssuer({ [claim]: value }))).toBe("accepted");
  });

  test.each([null, 0, 7, true, [], ["x"], {}])("may not be %j", async (value) => {
    expect(await verdict(asIssuer({ [claim]: value }))).toBe(`claim_invalid ${claim}`);
  });
});

describe("type", () => {
  test.each(["org", "", "App", "app ", null, 0, true, ["app"]])(
    "of %j is not that of an application token",
    async (type) => {
      expect(await verdict(asTeam(userClaims({ type })))).toBe("token_type_mismatch type");
      expect(await verdict(asTeam(serviceClaims({ type })))).toBe("token_type_mismatch type");
    },
  );

  test("may be absent for a service only", async () => {
    expect(await verdict(asTeam(serviceClaims({ type: undefined })))).toBe("accepted");
    expect(await verdict(asTeam(userClaims({ type: undefined })))).toBe("claim_missing type");
    const mtls = userClaims({ type: undefined, common_name: "kim.laptop" });
    expect(await verdict(asTeam(mtls))).toBe("claim_missing type");
    const early = serviceClaims({ type: undefined, sub: undefined });
    expect(await verdict(asTeam(early))).toBe("accepted");
    for (const common_name of [undefined, "", 7, ["lee.access"]]) {
      expect(await verdict(asTeam({ ...early, common_name }))).toBe("claim_missing type");
    }
  });

  test("must be the one in the options", async () => {
    const org = { tokenType: "org" };
    expect(await verdict(asTeam(userClaims({ type: "org" }), org))).toBe("accepted");
    expect(await verdict(asTeam(userClaims(), org))).toBe("token_type_mismatch type");
    const untyped = serviceClaims({ type: undefined });
    expect(await verdict(asTeam(untyped, org))).toBe("token_type_mismatch type");
  });

  test("may be either with any in the options, but not absent", async () => {
    const any = { tokenType: "any" };
    expect(await verdict(asTeam(userClaims({ type: "org" }), any))).toBe("accepted");
    expect(await verdict(asTeam(userClaims({ type: "app" }), any))).toBe("accepted");
    expect(await verdict(asTeam(serviceClaims({ type: undefined }), any))).toBe("accepted");
    expect(await verdict(asTeam(userClaims({ type: undefined }), any))).toBe("claim_missing type");
  });

  test.each(["app", "org", "any"])(
    "without a session is refused, even when the options name %s",
    async (tokenType) => {
      for (const type of ["meta", "APP", "any", "", "refresh", "app,org"]) {
        for (const claims of [userClaims({ type }), serviceClaims({ type })]) {
          expect(await verdict(asTeam(claims, { tokenType })), type).toBe(
            "token_type_mismatch type",
          );
        }
      }
    },
  );

  test("means nothing in another issuer's token", async () => {
    expect(await verdict(asIssuer({ type: "org" }))).toBe("accepted");
  });
});

describe("events", () => {
  test.each([{ "http://schemas.openid.net/event/backchannel-logout": {} }, {}, null, 0])(
    "of %j make an issuer's token a security event, which proves no session",
    async (events) => {
      expect(await verdict(asIssuer({ events }))).toBe("token_type_mismatch events");
    },
  );

  test("mean nothing in a token of Access, which gives its type", async () => {
    expect(await verdict(asTeam(userClaims({ events: {} })))).toBe("accepted");
  });
});

describe("a claim of the wrong kind", () => {
  test.each([
    ["exp", null, "finite number"],
    ["nbf", "0", "finite number"],
    ["iat", [], "finite number"],
    ["sub", 7, "string"],
    ["jti", {}, "string"],
    ["aud", 7, "string or array of strings"],
  ])("%s: %j is reported with what was expected", async (claim, value, expected) => {
    const error = await rejection(asIssuer({ [claim]: value }));
    expect(error).toMatchObject({ code: "claim_invalid", claim, expected });
  });
});

describe("requiredClaims", () => {
  test.each([0, "", [], {}, null, false])("are there when they are %j", async (value) => {
    expect(await verdict(asIssuer({ role: value }, { requiredClaims: ["role"] }))).toBe("accepted");
  });

  test.each(["role", "toString", "constructor", "__proto__"])(
    "refuse a token without an own %s",
    async (claim) => {
      const options = { requiredClaims: ["sub", claim] };
      expect(await verdict(asIssuer({}, options))).toBe(`claim_missing ${claim}`);
    },
  );
});

describe("duplicate members", () => {
  test("are decided by the last one, which is also the one returned", async () => {
    const twice = `${JSON.stringify(apiClaims()).slice(0, -1)},"exp":${NOW + 7}}`;
    expect((await asIssuer(twice)).payload.exp).toBe(NOW + 7);
    const expired = `${JSON.stringify(apiClaims()).slice(0, -1)},"exp":7}`;
    expect(await verdict(asIssuer(expired))).toBe("token_expired exp");
  });
});
