import { beforeAll, describe, expect, test } from "vitest";
import { createVerifier, type Principal, TokenError } from "../../src/index.ts";
import {
  AUDIENCE,
  createSigner,
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

async function principal(claims: object, team = TEAM): Promise<Principal> {
  const keys = { keys: [signer.jwk] };
  const verifier = createVerifier({ team, audience: AUDIENCE, keys, now });
  return (await verifier.verify(await signer.token({ iss: team, ...claims }))).principal;
}

describe("the principal", () => {
  test("is a user who has a sub and an email", async () => {
    expect(await principal(userClaims())).toEqual({
      kind: "user",
      id: "7335d417-61da-459d-899c-0a01c76a2f94",
      email: "kim@acme.example",
      issuer: TEAM,
      country: "PT",
    });
  });

  test.each([undefined, null, 351, ["PT"]])(
    "has no country when the claim is %j",
    async (country) => {
      expect(await principal(userClaims({ country }))).toEqual({
        kind: "user",
        id: "7335d417-61da-459d-899c-0a01c76a2f94",
        email: "kim@acme.example",
        issuer: TEAM,
      });
    },
  );

  test("is a user, even when a client certificate adds a common name", async () => {
    const claims = userClaims({ common_name: "kim.laptop" });
    expect(await principal(claims)).toMatchObject({ kind: "user", email: "kim@acme.example" });
  });

  test.each(["", undefined])("is a service when sub is %j and there is a name", async (sub) => {
    expect(await principal(serviceClaims({ sub }))).toEqual({
      kind: "service",
      id: "f4c3b2a1.access",
      name: "f4c3b2a1.access",
      issuer: TEAM,
    });
  });

  test("is a service in the form that Access used in 2020", async () => {
    const claims = serviceClaims({ type: undefined, sub: undefined });
    expect(await principal(claims)).toMatchObject({ kind: "service", name: "f4c3b2a1.access" });
  });

  test.each([
    ["a user without email", userClaims({ email: undefined })],
    ["a user with an empty email", userClaims({ email: "" })],
    ["a user whose email is null", userClaims({ email: null })],
    ["a user whose email is a list", userClaims({ email: ["kim@acme.example"] })],
    ["a sub beside a common name, without email", serviceClaims({ sub: "x" })],
    ["an email without sub", userClaims({ sub: undefined })],
    ["an email with an empty sub", userClaims({ sub: "" })],
    ["a service without name", serviceClaims({ common_name: undefined })],
    ["a service with an empty name", serviceClaims({ common_name: "" })],
    ["a service whose name is null", serviceClaims({ common_name: null })],
    ["a service whose name is a list", serviceClaims({ common_name: ["f4c3b2a1.access"] })],
  ])("is missing for %s", async (_, claims) => {
    const error = await principal(claims).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(TokenError);
    expect(error).toMatchObject({ code: "claim_invalid", status: 401, verified: true });
    expect(error).toMatchObject({ expected: "non-empty string" });
  });

  test.each([
    ["email", userClaims({ email: "" })],
    ["sub", userClaims({ sub: "" })],
    ["sub", serviceClaims({ common_name: "" })],
  ])("is missing, and the %s is named", async (claim, claims) => {
    expect(await rejection(principal(claims))).toMatchObject({ claim });
  });

  test("differs in another team, even with the same email", async () => {
    const other = "https://rival.cloudflareaccess.com";
    const [ours, theirs] = [
      await principal(userClaims()),
      await principal({ ...userClaims(), iss: other }, other),
    ];
    expect(ours).toMatchObject({ email: "kim@acme.example", issuer: TEAM });
    expect(theirs).toMatchObject({ email: "kim@acme.example", issuer: other });
    expect(ours).not.toEqual(theirs);
  });

  test("is frozen", async () => {
    expect(Object.isFrozen(await principal(userClaims()))).toBe(true);
    expect(Object.isFrozen(await principal(serviceClaims()))).toBe(true);
  });
});
