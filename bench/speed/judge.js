// Each contestant must do the work: accept the genuine token and refuse every other one.

import { forge, signTokens } from "../tokens.js";
import { RAW } from "./contestants.js";

/** One genuine token, and those that a verifier of this benchmark must refuse. */
export async function createTrial(issuer) {
  const now = Math.floor(Date.now() / 1000);
  const one = async (claims) => (await signTokens(issuer, 1, () => claims))[0];
  const genuine = await signTokens(issuer, 2);
  return {
    genuine: genuine[0],
    refused: {
      "a forged one": forge(genuine)[0],
      "an expired one": await one({ exp: now - 3600 }),
      "one for another audience": await one({ aud: ["another"] }),
      "one of another issuer": await one({ iss: "https://other.cloudflareaccess.com" }),
    },
  };
}

/** @throws when the contestant accepts a wrong token, or refuses the right one */
export async function judge({ name, loaded }, trial, toInput) {
  const verify = await loaded.create();
  await verify(toInput(trial.genuine));
  // Raw verification knows no claims.
  const wrong = name === RAW ? ["a forged one"] : Object.keys(trial.refused);
  for (const what of wrong) {
    const accepted = await attempt(verify, toInput(trial.refused[what]));
    if (accepted) throw new Error(`it accepts ${what}`);
  }
}

async function attempt(verify, token) {
  try {
    await verify(token);
    return true;
  } catch {
    return false;
  }
}
