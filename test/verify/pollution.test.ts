import { beforeAll, describe, expect, test } from "vitest";
import { createVerifier, type JwkSet, type Verifier } from "../../src/index.ts";
import {
  AUDIENCE,
  createSigner,
  NOW,
  now,
  type Signer,
  serviceClaims,
  TEAM,
  userClaims,
} from "../support/issuer.ts";
import { polluted } from "../support/polluted.ts";

let signer: Signer;
beforeAll(async () => {
  signer = await createSigner();
});

const verifier = (jwk: object = signer.jwk): Verifier<unknown> =>
  createVerifier({ team: TEAM, audience: AUDIENCE, keys: { keys: [jwk] } as JwkSet, now });

/** "accepted", or the code of the refusal. */
async function verdict({ safeVerify }: Verifier<unknown>, token: string): Promise<string> {
  const result = await safeVerify(token);
  return result.ok ? "accepted" : result.error.code;
}

/** Members that a token or a key could have, each with a value that would change the verdict. */
const MEMBERS: readonly [member: string, value: unknown][] = [
  ["alg", "RS256"],
  ["alg", "none"],
  ["kid", "key-1"],
  ["kid", "other"],
  ["typ", "logout+jwt"],
  ["cty", "JWT"],
  ["crit", ["exp"]],
  ["b64", false],
  ["enc", "A128GCM"],
  ["zip", "DEF"],
  ["iss", TEAM],
  ["iss", "https://rival.cloudflareaccess.com"],
  ["aud", AUDIENCE],
  ["aud", "other"],
  ["exp", NOW + 3600],
  ["exp", 0],
  ["nbf", NOW + 3600],
  ["iat", NOW + 3600],
  ["sub", "another"],
  ["sub", 7],
  ["jti", 7],
  ["email", "lee@acme.example"],
  ["common_name", "lee.access"],
  ["country", "DE"],
  ["type", "app"],
  ["type", "org"],
  ["events", {}],
];

const KEY_MEMBERS: readonly [member: string, value: unknown][] = [
  ["kty", "RSA"],
  ["kty", "EC"],
  ["alg", "RS512"],
  ["alg", "none"],
  ["k", "AQAB"],
  ["n", "AQAB"],
  ["e", "AQ"],
];

/** Members that WebCrypto itself reads from a prototype on some runtimes: its imports then fail. */
const WEBCRYPTO_MEMBERS: readonly [member: string, value: unknown][] = [
  ["use", "enc"],
  ["key_ops", ["sign"]],
  ["ext", false],
  ["d", "AQAB"],
];

describe("a polluted Object.prototype", () => {
  test.each(MEMBERS)("changes no verdict: %s is %j", async (member, value) => {
    const headers = { typ: undefined };
    const tokens = await Promise.all([
      signer.token(userClaims(), headers),
      signer.token(serviceClaims(), headers),
      signer.token(userClaims(), { ...headers, kid: undefined }),
      signer.token(userClaims(), { ...headers, alg: undefined }),
      signer.token(userClaims({ iss: undefined }), headers),
      signer.token(userClaims({ aud: undefined }), headers),
      signer.token(userClaims({ exp: undefined }), headers),
      signer.token(userClaims({ nbf: undefined, iat: undefined }), headers),
      signer.token(userClaims({ sub: undefined }), headers),
      signer.token(userClaims({ email: undefined }), headers),
      signer.token(userClaims({ type: undefined }), headers),
      signer.token(serviceClaims({ common_name: undefined }), headers),
    ]);
    for (const token of tokens) {
      // Once with the keys in memory, and once with keys still to be looked up.
      const guards = [verifier(), verifier()];
      await guards[0]?.prefetch();
      const clean = verifier();
      await clean.prefetch();
      const expected = await verdict(clean, token);
      for (const guard of guards) {
        expect(await polluted({ [member]: value }, () => verdict(guard, token))).toBe(expected);
      }
    }
  });

  test.each(KEY_MEMBERS.filter(([member]) => member !== "d"))(
    "changes no key: %s is %j",
    async (member, value) => {
      const token = await signer.token(userClaims());
      const work = (): Promise<string> => verdict(verifier(), token);
      expect(await polluted({ [member]: value }, work)).toBe("accepted");
    },
  );

  test("with a private member makes an engine refuse the key, and the token is refused", async () => {
    const token = await signer.token(userClaims());
    const work = (): Promise<string> => verdict(verifier(), token);
    expect(["accepted", "no_usable_keys"]).toContain(await polluted({ d: "AQAB" }, work));
  });

  test.each(WEBCRYPTO_MEMBERS)(
    "accepts no token, even if it spoils an import: %s is %j",
    async (member, value) => {
      const [good, forged] = await Promise.all([
        signer.token(userClaims()),
        (await createSigner()).token(userClaims()),
      ]);
      const judge = (token: string): Promise<string> =>
        polluted({ [member]: value }, () => verdict(verifier(), token));
      expect(["accepted", "no_usable_keys"]).toContain(await judge(good));
      expect(["signature_invalid", "no_usable_keys"]).toContain(await judge(forged));
    },
  );

  test.each(["kty", "n", "e"])("makes no key of an entry without %s", async (member) => {
    const { [member]: value, ...jwk } = signer.jwk;
    const work = async (): Promise<unknown> => verifier(jwk);
    await expect(polluted({ [member]: value }, work)).rejects.toThrow(TypeError);
  });

  test("shows in no principal", async () => {
    const token = await signer.token(userClaims({ country: undefined }));
    const guard = verifier();
    const principal = await polluted({ country: "DE" }, async () => {
      const verified = (await guard.verify(token)) as { principal: object };
      return Object.keys(verified.principal);
    });
    expect(principal).toEqual(["kind", "id", "email", "issuer"]);
  });
});
