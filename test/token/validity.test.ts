import { describe, expect, test } from "vitest";
import { TokenError } from "../../src/index.ts";
import { type ClaimsPolicy, checkTime } from "../../src/token/claims.ts";

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

/** Whether the one rule for time accepts a payload at a time. */
function isAcceptedAt(now: number, ...[claims, rules]: [object, ClaimsPolicy]): boolean {
  try {
    checkTime(claims as never, rules, now);
    return true;
  } catch (error) {
    if (error instanceof TokenError) return false;
    throw error;
  }
}

describe("the time in which a payload is valid", () => {
  test.each([
    [{ exp: 100 }, {}, [0, 99]],
    [{ exp: 100 }, { clockToleranceSeconds: 7 }, [0, 106]],
    [{ exp: 100, nbf: 50 }, {}, [50, 99]],
    [{ exp: 100, iat: 50 }, {}, [50, 99]],
    [{ exp: 100, iat: 40, nbf: 50 }, {}, [50, 99]],
    [{ exp: 100, iat: 60, nbf: 50 }, {}, [60, 99]],
    [{ exp: 100, iat: 60, nbf: 50 }, { clockToleranceSeconds: 7 }, [53, 106]],
    [{ exp: 100, iat: 60 }, { maxTokenAgeSeconds: 30 }, [60, 90]],
    [{ exp: 100, iat: 60 }, { maxTokenAgeSeconds: 50 }, [60, 99]],
    [{ exp: 100, iat: 60 }, { maxTokenAgeSeconds: 30, clockToleranceSeconds: 7 }, [53, 97]],
  ])("of %j under %j is %j, to the second", (times, rules, [first = 0, last = 0]) => {
    const given = [payload(times), policy(rules)] as const;
    for (let now = 0; now < 120; now++) {
      expect([now, isAcceptedAt(now, ...given)]).toEqual([now, first <= now && now <= last]);
    }
  });
});
