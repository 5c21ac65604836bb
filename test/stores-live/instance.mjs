import { createRemoteKeySet, createVerifier } from "../../dist/index.js";
import { withStore } from "../../dist/stores.js";

export const SECRET = "a secret that all instances share";

/** One instance of a program: it shares only the store with others. */
export function startInstance(issuer, store, { isSigned = true, timeoutSeconds = 1.5 } = {}) {
  const events = [];
  const onEvent = (event) => events.push(event);
  const signing = isSigned ? { secret: SECRET } : {};
  const fetcher = withStore(store, { ...signing, timeoutSeconds, onEvent });
  const keys = createRemoteKeySet(issuer.certsUrl, { fetcher, onEvent });
  const verifier = createVerifier({ issuer: issuer.origin, audience: "app", keys });
  return {
    keys,
    /** "accepted", or the code of the error. */
    async verify(token) {
      const verdict = await verifier.safeVerify(token);
      return verdict.ok ? "accepted" : verdict.error.code;
    },
    /** The failures reported about the store. */
    faults: () =>
      events.flatMap((event) =>
        event.type === "store_failed" ? [`${event.operation}: ${event.reason}`] : [],
      ),
  };
}

/** Waits until a condition holds, with a time limit. */
export async function until(holds, what) {
  for (let tries = 0; tries < 200; tries++) {
    if (await holds()) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(`it never happened: ${what}`);
}
