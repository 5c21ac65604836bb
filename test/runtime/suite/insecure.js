import { equal, ok } from "./assert.js";
import { AUDIENCE, CERTS, TEAM } from "./issuer.js";
import { jwkSet, publicJwk } from "./keys.js";

const SENTENCE = "crypto.subtle must be there: a page needs a secure context, https or localhost";

/** Calls that need WebCrypto and are refused without it, synchronously or not. */
const NEEDS = {
  "a verifier of a team": ({ createVerifier }) =>
    createVerifier({ team: TEAM, audience: AUDIENCE }),
  "a verifier with keys": ({ createVerifier }) =>
    createVerifier({ team: TEAM, audience: AUDIENCE, keys: jwkSet("current") }),
  "a key": ({ importJwk }) => importJwk(publicJwk("current")),
  "a PEM": ({ jwkToPem }) => jwkToPem(publicJwk("current")),
  "a thumbprint": ({ jwkThumbprint }) => jwkThumbprint(publicJwk("current")),
};

async function saysSo(postern) {
  for (const [what, make] of Object.entries(NEEDS)) {
    const error = await (async () => make(postern))().catch((reason) => reason);
    ok(error instanceof TypeError, `${what} is refused with a TypeError, got ${error}`);
    equal(error.message, SENTENCE, what);
  }
  // Code without WebCrypto still works.
  equal(postern.decodeUnverified("eyJhbGciOiJSUzI1NiJ9.e30.").header, { alg: "RS256" });
  equal(postern.createRemoteKeySet(CERTS).state.standing, "none");
}

const title = "says that a secure context is needed when there is no crypto.subtle";

/** In a runtime that has it, while it is removed. */
export const withoutSubtle = {
  async [title](postern) {
    Object.defineProperty(crypto, "subtle", { configurable: true, value: undefined });
    try {
      await saysSo(postern);
    } finally {
      // The platform's own is found on the prototype again.
      delete crypto.subtle;
    }
  },
};

/** On a page without it, because it came over http from another machine's name. */
export const insecure = {
  "has no crypto.subtle in this browser"() {
    equal([globalThis.isSecureContext, globalThis.crypto?.subtle === undefined], [false, true]);
  },
  [title]: saysSo,
};
