import { createRemoteJWKSet, customFetch } from "jose";

const CERTS = "https://acme.cloudflareaccess.com/cdn-cgi/access/certs";

/** A key set of postern's, asked as a verifier asks it: what is known first, then a search. */
function asked(keys, isKeySetError) {
  return (kid, issuedAt) => {
    const header = { alg: "RS256", kid };
    if (keys.known(header).length > 0) return "ok";
    return keys.find(header, { issuedAt }).then(
      (found) => (found.length > 0 ? "ok" : 401),
      (error) => {
        if (isKeySetError(error)) return 503;
        throw error;
      },
    );
  };
}

/**
 * How an instance comes by its keys. Each strategy answers, for a token's kid and time of issue:
 * "ok" at once, or a promise of "ok", 401 (no such key) or 503 (cannot tell).
 */
export const strategies = {
  postern({ createRemoteKeySet, isKeySetError }, { clock, fetch }) {
    return asked(createRemoteKeySet(CERTS, { fetch, now: clock.now }), isKeySetError);
  },

  /** The keys of `postern guard`, with a keys file or without one. */
  guard({ accessTeam, createKeys, isKeySetError }, { fetch, keysFile }) {
    return asked(
      createKeys({ team: accessTeam("acme"), keysFile, fetch }, () => {}),
      isKeySetError,
    );
  },

  /** jose's remote key set with its defaults. An error that is not "no such key" counts as a 503. */
  jose(_postern, { fetch }) {
    const keyOf = createRemoteJWKSet(new URL(CERTS), { [customFetch]: fetch });
    return (kid) =>
      keyOf({ alg: "RS256", kid }, {}).then(
        () => "ok",
        (error) => (error.code === "ERR_JWKS_NO_MATCHING_KEY" ? 401 : 503),
      );
  },

  /** The certs fetched for each request, as a published sample does; with a timeout of 5 seconds. */
  "every request"(_postern, { fetch }) {
    return async (kid) => {
      try {
        const response = await fetch(CERTS, { signal: AbortSignal.timeout(5000) });
        if (response.status !== 200) return 503;
        const { keys } = await response.json();
        return keys.some((key) => key.kid === kid) ? "ok" : 401;
      } catch {
        return 503;
      }
    };
  },
};
