import { equal, ok, unavailable } from "./assert.js";
import { AUDIENCE, sign, userClaims } from "./issuer.js";

/** The runtime's own `fetch`, against an issuer on loopback that can misbehave. */
export const http = {
  async "verifies with only a team and an audience configured"({ createVerifier }, { origin }) {
    const claims = userClaims({ iss: origin });
    const tokens = await Promise.all([sign(claims), sign({ ...claims, sub: "other" })]);
    const { verify } = createVerifier({ team: origin, audience: AUDIENCE });
    const before = (await seenBy(origin, "/cdn-cgi/access/certs")).length;
    const verdicts = await Promise.all([...tokens, ...tokens].map((token) => verify(token)));
    for (const { issuer } of verdicts) equal(issuer, origin);
    const seen = (await seenBy(origin, "/cdn-cgi/access/certs")).slice(before);
    equal(seen.length, 1, "requests");
    equal(seen[0].accept, "application/jwk-set+json, application/json");
  },

  async "sends no cookie"({ createRemoteKeySet }, { origin }) {
    // A runtime that keeps cookies has one for the issuer now.
    await (await fetch(`${origin}/issuer/cookie`)).text();
    await createRemoteKeySet(`${origin}/issuer/plain`).refresh();
    const seen = await seenBy(origin, "/issuer/plain");
    equal(seen.at(-1).cookie, undefined, "cookie");
  },

  async "revalidates over HTTP and accepts a 304"({ createRemoteKeySet }, { origin }) {
    const keys = createRemoteKeySet(`${origin}/issuer/validated`);
    await keys.refresh();
    await keys.refresh();
    const seen = await seenBy(origin, "/issuer/validated");
    equal(
      seen.slice(-2).map(({ validator, status }) => [validator ?? null, status]),
      [
        [null, 200],
        ['"one"', 304],
      ],
    );
    equal(keys.state.kids, ["current", "previous"]);
  },

  async "follows no redirect over HTTP"({ createRemoteKeySet }, { origin }) {
    await unavailable(createRemoteKeySet(`${origin}/issuer/moved`).refresh(), "redirected");
    equal((await seenBy(origin, "/issuer/elsewhere")).length, 0, "requests elsewhere");
  },

  async "stops reading a response that is too large"({ createRemoteKeySet }, { origin }) {
    const keys = createRemoteKeySet(`${origin}/issuer/endless`, { maxBytes: 65_536 });
    await unavailable(keys.refresh(), "response_too_large");
  },

  async "stops waiting for a response that never ends"({ createRemoteKeySet }, { origin }) {
    const keys = createRemoteKeySet(`${origin}/issuer/dripping`, { timeoutSeconds: 0.3 });
    await unavailable(keys.refresh(), "fetch_timeout");
  },

  async "stops waiting for an endpoint that never answers"({ createRemoteKeySet }, { origin }) {
    const keys = createRemoteKeySet(`${origin}/issuer/silent`, { timeoutSeconds: 0.3 });
    await unavailable(keys.refresh(), "fetch_timeout");
  },

  async "reports the status of an endpoint that fails"({ createRemoteKeySet }, { origin }) {
    const error = await unavailable(
      createRemoteKeySet(`${origin}/issuer/missing`).refresh(),
      "http_status",
    );
    equal(error.upstreamStatus, 404);
    await unavailable(createRemoteKeySet(`${origin}/issuer/page`).refresh(), "not_json");
  },

  async "reports that no server is there"({ createRemoteKeySet }) {
    // Nothing listens on the discard port (RFC 863) of this machine.
    const error = await unavailable(
      createRemoteKeySet("http://127.0.0.1:9/").refresh(),
      "fetch_failed",
    );
    ok(error.cause !== undefined, "the error has a cause");
  },
};

/** The requests for one path, as the issuer saw them. */
async function seenBy(origin, path) {
  const response = await fetch(`${origin}/issuer/seen`);
  return (await response.json()).filter((request) => request.path === path);
}
