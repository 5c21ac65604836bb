import { isJsonObject } from "../encoding/json.ts";
import { own } from "../own.ts";
import type { ClaimOverrides } from "../testing/claims.ts";
import type { HostileToken } from "../testing/hostile/forge.ts";
import { decodeUnverified } from "../token/decode-unverified.ts";

/** The unverified claims of a genuine token. They are used only to make forgeries and to explain results. */
export interface GenuineFacts {
  readonly claims: ClaimOverrides;
  readonly issuer: string | undefined;
  readonly audience: readonly string[];
  readonly email: string | undefined;
}

export function factsOf(token: string): GenuineFacts | undefined {
  try {
    const claims = decodeUnverified(token).payload;
    const text = (name: string): string | undefined => {
      const value = own(claims, name);
      return typeof value === "string" && value !== "" ? value : undefined;
    };
    const audience = [own(claims, "aud")].flat().filter((tag) => typeof tag === "string");
    return isJsonObject(claims)
      ? { claims, issuer: text("iss"), audience, email: text("email") }
      : undefined;
  } catch {
    return undefined;
  }
}

/** More than the clock tolerance of any guard. */
const GRACE_SECONDS = 310;

/** The reasons to refuse this genuine token. If it gets in, the application does not check them. */
export function flawsOf(
  { claims, issuer, audience }: GenuineFacts,
  expected: { readonly issuer: string | undefined; readonly audience: readonly string[] },
  now: number,
): readonly HostileToken[] {
  const exp = own(claims, "exp");
  const type = own(claims, "type");
  const flaws: readonly (readonly [is: boolean, name: string, why: string])[] = [
    [
      typeof exp === "number" && exp < now - GRACE_SECONDS,
      "genuine-expired",
      "The token has expired and is let in: the expiry is not checked.",
    ],
    [
      typeof type === "string" && type !== "app",
      "genuine-of-another-type",
      "The token is not for an application, and is let in: the type is not checked.",
    ],
    [
      expected.audience.length > 0 && !audience.some((tag) => expected.audience.includes(tag)),
      "genuine-of-another-application",
      "The token is for another application than the one named, and is let in: the audience is not checked.",
    ],
    [
      expected.issuer !== undefined && issuer !== expected.issuer,
      "genuine-of-another-team",
      "The token is of another team than the one named, and is let in: the issuer is not checked.",
    ],
  ];
  return flaws.filter(([is]) => is).map(([, name, why]) => ({ name, why, token: "" }));
}
