import { expect, test, vi } from "vitest";
import { createVerifier, importJwk } from "../../src/index.ts";
import { AUDIENCE, createSigner, now, rejection, TEAM, userClaims } from "../support/issuer.ts";

// The library takes `JSON.parse` when it loads, so it is replaced before.
const parse = vi.hoisted(() => vi.spyOn(JSON, "parse"));

const [signer, attacker] = await Promise.all([createSigner(), createSigner()]);
const key = { kid: signer.kid, cryptoKey: await importJwk(signer.jwk) };
const keys = { find: async () => [key], known: () => [key] };
const acme = { team: TEAM, audience: AUDIENCE, keys };

/** Claims of so many bytes as JSON. */
function claimsOf(bytes: number): object {
  const claims = { ...userClaims(), padding: "" };
  return { ...claims, padding: "x".repeat(bytes - JSON.stringify(claims).length) };
}

const parsedPayloads = (): number =>
  parse.mock.calls.filter(([text]) => text.includes('"padding"')).length;

test.each([
  [3072, 1],
  [3073, 0],
  [9000, 0],
])(
  "a payload of %i bytes is parsed %i times before its signature is verified",
  async (bytes, early) => {
    const { verify } = createVerifier({ ...acme, now });
    await verify(await signer.token(userClaims()));
    for (const { token } of [signer, attacker]) {
      const text = await token(claimsOf(bytes));
      parse.mockClear();
      const answer = verify(text);
      expect(parsedPayloads()).toBe(early);
      if (token === signer.token) await answer;
      else expect(await rejection(answer)).toMatchObject({ code: "signature_invalid" });
      expect(parsedPayloads()).toBe(1);
    }
  },
);

test.each([3072, 9000])(
  "a payload of %i bytes that names the issuer is parsed once",
  async (bytes) => {
    const others = { issuer: "https://issuer.example", audience: "api", keys };
    const { verify } = createVerifier([acme, others], { now });
    const text = await signer.token(claimsOf(bytes));
    parse.mockClear();
    await verify(text);
    expect(parsedPayloads()).toBe(1);
  },
);
