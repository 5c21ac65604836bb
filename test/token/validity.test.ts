import { describe, expect, test } from "vitest";
import { TokenError } from "../../src/index.ts";
import { type ClaimsPolicy, checkClaims, checkStanding, validity } from "../../src/token/claims.ts";

const payload = (times: object) => ({ iss: "me", aud: "you", ...times });
const policy = (times: Partial<ClaimsPolicy>): ClaimsPolicy => ({
  issuer: "me",
  audience: ["you"],
  tokenType: undefined,
  requiredClaims: [],
  clockToleranceSeconds: 0,
  maxTokenAgeSeconds: undefined,
  ...times,
});

/** Whether the checks accept a payload at a time. */
function isAcceptedAt(now: number, ...[claims, rules]: Parameters<typeof validity>): boolean {
  try {
    checkStanding(claims, rules, rules.audience, now, true);
    checkClaims(claims, rules, now);
    return true;
  } catch (error) {
    if (error instanceof TokenError) return false;
    throw error;
  }
}

describe("the time in which a payload is valid", () => {
  test.each([
    [{ exp: 100 }, {}, [Number.NEGATIVE_INFINITY, 100]],
    [{ exp: 100 }, { clockToleranceSeconds: 7 }, [Number.NEGATIVE_INFINITY, 107]],
    [{ exp: 100, nbf: 50 }, {}, [50, 100]],
    [{ exp: 100, iat: 50 }, {}, [50, 100]],
    [{ exp: 100, iat: 40, nbf: 50 }, {}, [50, 100]],
    [{ exp: 100, iat: 60, nbf: 50 }, {}, [60, 100]],
    [{ exp: 100, iat: 60, nbf: 50 }, { clockToleranceSeconds: 7 }, [53, 107]],
    [{ exp: 100, iat: 60 }, { maxTokenAgeSeconds: 30 }, [60, 90]],
    [{ exp: 100, iat: 60 }, { maxTokenAgeSeconds: 50 }, [60, 100]],
    [{ exp: 100, iat: 60 }, { maxTokenAgeSeconds: 30, clockToleranceSeconds: 7 }, [53, 97]],
  ])("of %j under %j is %j, as the checks say", (times, rules, [from = 0, until = 0]) => {
    const given = [payload(times), policy(rules)] as const;
    expect(validity(...given)).toEqual({ from, until });
    for (let now = 0; now < 120; now++) {
      expect([now, isAcceptedAt(now, ...given)]).toEqual([now, from <= now && now < until]);
    }
  });
});
