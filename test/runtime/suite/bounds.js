import { equal, ok, rejects, unavailable } from "./assert.js";
import { CERTS, seconds, sign, userClaims } from "./issuer.js";
import { jwkSet } from "./keys.js";
import { json, scripted, status } from "./scripted.js";

/** A body that never ends, in chunks of 1 KiB: quick ones, or none at all after the first. */
function endless(isQuick) {
  return () => {
    let chunks = 0;
    const stream = new ReadableStream({
      async pull(controller) {
        if (chunks++ > 0 && !isQuick) await new Promise(() => {});
        controller.enqueue(new Uint8Array(1024));
      },
    });
    return new Response(stream);
  };
}

/** The effect of one answer on a refresh that may take 4 KiB and a tenth of a second. */
function refreshWith({ createRemoteKeySet }, answer) {
  const { fetch } = scripted(answer);
  const bounds = { timeoutSeconds: 0.1, maxBytes: 4096 };
  return createRemoteKeySet(CERTS, { fetch, ...bounds }).refresh();
}

/** Every bound of one exchange, over a scripted fetch. */
export const bounds = {
  async "follows no redirect"(postern) {
    for (const code of [301, 302, 303, 307, 308]) {
      const location = "https://elsewhere.example/";
      const error = await unavailable(
        refreshWith(postern, status(code, { location })),
        "redirected",
      );
      equal(error.upstreamStatus, code);
    }
  },

  async "reads no more than the limit"(postern) {
    await unavailable(refreshWith(postern, endless(true)), "response_too_large");
    const padded = { ...jwkSet("current"), padding: "x".repeat(8192) };
    await unavailable(refreshWith(postern, json(padded)), "response_too_large");
  },

  async "reads no more than the limit of a body that does not stream"(postern) {
    const text = async () => JSON.stringify({ ...jwkSet("current"), padding: "x".repeat(8192) });
    const answer = () => ({ status: 200, headers: new Headers(), text });
    await unavailable(refreshWith(postern, answer), "response_too_large");
  },

  async "waits no longer than its time limit"(postern) {
    await unavailable(refreshWith(postern, endless(false)), "fetch_timeout");
    await unavailable(
      refreshWith(postern, () => new Promise(() => {})),
      "fetch_timeout",
    );
  },

  async "aborts the fetch at the end"(postern) {
    let isTold = false;
    const answer = ({ signal }) =>
      new Promise((_, reject) => {
        signal.addEventListener("abort", () => {
          isTold = true;
          reject(new Error("aborted"));
        });
      });
    await unavailable(refreshWith(postern, answer), "fetch_timeout");
    ok(isTold, "the signal was aborted");
  },

  async "accepts only a 200 with a JWK set"(postern) {
    const page = () => new Response("<!doctype html>");
    await unavailable(refreshWith(postern, page), "not_json");
    await unavailable(refreshWith(postern, json([])), "not_json");
    await unavailable(refreshWith(postern, json({})), "jwks_malformed");
    await unavailable(refreshWith(postern, json({ keys: [] })), "no_usable_keys");
    await unavailable(refreshWith(postern, json(jwkSet("current"), {}, 201)), "http_status");
    await unavailable(refreshWith(postern, status(304)), "http_status");
    const error = await unavailable(
      refreshWith(postern, status(429, { "retry-after": "7" })),
      "http_status",
    );
    equal([error.upstreamStatus, error.retryAfterSeconds], [429, 7]);
  },

  async "fetches only over https, or from this machine"({ createRemoteKeySet }) {
    for (const url of ["http://keys.example/", "ftp://keys.example/", "data:,", "", "keys"]) {
      let error;
      try {
        createRemoteKeySet(url);
      } catch (thrown) {
        error = thrown;
      }
      ok(error instanceof TypeError, `it throws a TypeError for ${url}`);
    }
    for (const url of ["https://keys.example/", "http://localhost:1/", "http://[::1]:1/"]) {
      equal(createRemoteKeySet(url).state.standing, "none");
    }
  },

  async "shows no secret of a URL"({ createRemoteKeySet }) {
    const { fetch } = scripted(status(500));
    const error = await unavailable(
      createRemoteKeySet("https://keys.example/jwks?key=s3cr3t#s3cr3t", { fetch }).refresh(),
      "http_status",
    );
    equal(error.url, "https://keys.example/jwks");
    ok(!`${error.stack}${JSON.stringify(error)}`.includes("s3cr3t"), "the error holds no secret");
  },

  async "fetches an identity within the same bounds"({ getIdentity }) {
    const token = await sign(userClaims({ exp: seconds() + 60 }));
    const ask = (answer, timeoutSeconds = 0.1) =>
      getIdentity(token, { team: "acme", timeoutSeconds, fetch: scripted(answer).fetch });
    equal((await ask(json({ email: "grace@example.com" }), 5)).email, "grace@example.com");
    await rejects(ask(json({ err: "no" })), "IdentityError", "identity_refused");
    await rejects(ask(status(302)), "IdentityError", "redirected");
    await rejects(ask(endless(false)), "IdentityError", "fetch_timeout");
  },
};
