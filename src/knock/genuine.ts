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
  { claims, issuer, audience, email }: GenuineFacts,
  expected: { readonly issuer: string | undefined; readonly audience: readonly string[] },
  now: number,
): readonly HostileToken[] {
  const [exp, nbf, iat] = ["exp", "nbf", "iat"].map((name) => own(claims, name));
  const type = own(claims, "type");
  const isService = email === undefined && typeof own(claims, "common_name") === "string";
  const isNamed = isService || email !== undefined || Boolean(own(claims, "sub"));
  const isLater = (time: unknown): boolean =>
    typeof time === "number" && time > now + GRACE_SECONDS;
  const flaws: readonly (readonly [is: boolean, name: string, why: string])[] = [
    [
      typeof exp === "number" && exp < now - GRACE_SECONDS,
      "genuine-expired",
      "The token has expired and is let in: the expiry is not checked.",
    ],
    [
      typeof exp !== "number",
      "genuine-without-expiry",
      "The token has no time of expiry that is a number, and is let in: such a token never ends.",
    ],
    [
      isLater(nbf) || isLater(iat),
      "genuine-of-the-future",
      "The token is not valid yet and is let in: nbf and iat are not checked.",
    ],
    [
      type !== "app" && !(type === undefined && isService),
      "genuine-of-another-type",
      "The token is not for an application, and is let in: the type is not checked.",
    ],
    [
      !isNamed,
      "genuine-without-a-name",
      "The token names neither a person nor a service, and is let in.",
    ],
    [
      expected.audience.length > 0 && !audience.some((tag) => expected.audience.includes(tag)),
      "genuine-of-another-application",
      "The token is for another application than the one named, and is let in: the audience is not checked. If this application accepts several AUD tags, name them all with --audience.",
    ],
    [
      expected.issuer !== undefined && issuer !== expected.issuer,
      "genuine-of-another-team",
      "The token is of another team than the one named, and is let in: the issuer is not checked.",
    ],
  ];
  return flaws.filter(([is]) => is).map(([, name, why]) => ({ name, why, token: "" }));
}
