// An independent verdict on a token: jose, and the rules that jose leaves to its caller.
import { jwtVerify } from "jose";
import { current, previous } from "../world/world.js";
import { RULES, readToken } from "./rules.js";

/**
 * @returns whether jose accepts, and the rules that the token breaks. It should be accepted when
 * jose accepts and no rule is broken.
 */
export async function secondVerdict(token, policy) {
  const facts = readToken(token);
  const broken = Object.keys(RULES).filter((name) => !RULES[name](facts, policy));
  return { jose: await joseAccepts(token, facts.header?.kid, policy), broken, facts };
}

async function joseAccepts(token, kid, { issuer, audience, now, tolerance, maxAge, required }) {
  for (const key of [current, previous]) {
    if (kid !== undefined && kid !== key.kid) continue;
    try {
      await jwtVerify(token, key.publicKey, {
        algorithms: ["RS256"],
        issuer,
        audience,
        clockTolerance: tolerance,
        currentDate: new Date(now * 1000),
        requiredClaims: ["exp", ...required],
        ...(maxAge !== undefined && { maxTokenAge: maxAge }),
      });
      return true;
    } catch {
      // Try the next key.
    }
  }
  return false;
}
