import { createTestIssuer, type TestIssuer } from "../../src/testing/index.ts";
import { NOW } from "./fake-terminal.ts";

export const AUD = "4714c1358e65fe4b408ad6d432a5f878f08194bdb4752441fd56faefa9b2b6f2";
export const OTHER_AUD = "0000000000000000000000000000000000000000000000000000000000000000";

const SECONDS = NOW / 1000;

/**
 * An issuer whose current key is published as "key-1", so that outputs are the same in each run.
 */
export const issuer: TestIssuer = await createTestIssuer({
  team: "acme",
  audience: AUD,
  now: () => NOW,
});

/** Its JWK set, with readable key ids. */
export const JWKS: string = JSON.stringify({
  keys: issuer
    .jwks()
    .keys.map((key) => ({ ...key, kid: key.kid === issuer.kid ? "key-1" : "key-2" })),
});

export interface Claims {
  readonly aud: readonly string[];
  readonly email: string;
  readonly exp: number;
  readonly iat: number;
  readonly nbf: number;
  readonly iss: string;
  readonly type: string;
  readonly sub: string;
}

export const CLAIMS: Claims = {
  aud: [AUD],
  email: "ada@example.com",
  exp: SECONDS + 3 * 3600,
  iat: SECONDS - 7200,
  nbf: SECONDS - 7200,
  iss: "https://acme.cloudflareaccess.com",
  type: "app",
  sub: "7335d417-61da-459d-899c-0a01c76a2f94",
} as const;

/** A token whose shown parts are the same in each run. */
export function signed(
  claims: object = {},
  header: { [name: string]: unknown } = {},
): Promise<string> {
  return issuer.sign({ ...CLAIMS, ...claims }, { kid: "key-1", ...header });
}
