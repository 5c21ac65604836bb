import { createTestIssuer } from "../../dist/testing.js";

const DAY = 86_400;

/** One team, its keys, and tokens for every verdict. */
export async function makeTokens() {
  const issuer = await createTestIssuer({ team: "acme" });
  const now = Math.floor(Date.now() / 1000);
  const since = (ago) => ({ iat: now - ago, nbf: now - ago, exp: now - ago + DAY });
  const genuine = await issuer.userToken({ ...since(60), email: "ada@example.com" });
  const [header, , signature] = genuine.split(".");
  const [, payload] = (await issuer.userToken({ email: "ceo@example.com" })).split(".");
  const tokens = {
    genuine,
    forged: `${header}.${payload}.${signature}`,
    expired: await issuer.userToken(since(2 * DAY)),
    elsewhere: await issuer.userToken({ ...since(60), aud: ["0e1f".repeat(16)] }),
    org: await issuer.orgToken(since(60)),
    meta: await issuer.metaToken(),
  };
  const keys = JSON.stringify({ keys: issuer.jwks().keys });
  await issuer.rotate();
  await issuer.rotate();
  return {
    ...tokens,
    keys,
    rotatedKeys: JSON.stringify({ keys: issuer.jwks().keys }),
    audience: issuer.audience,
    async withClaims(claims) {
      return issuer.userToken({ ...since(60), ...claims });
    },
    newKeys: () => JSON.stringify({ keys: issuer.jwks().keys }),
  };
}
