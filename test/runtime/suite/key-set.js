import { equal, ok, refused, unavailable } from "./assert.js";
import { AUDIENCE, CERTS, DAY, ISSUER, seconds, sign, TEAM, userClaims } from "./issuer.js";
import { jwkSet, publicJwk } from "./keys.js";
import { background, down, gate, guard, json, manualClock, scripted, status } from "./scripted.js";

const COOLDOWN = { cooldownSeconds: 0.25 };
const lasting = () => userClaims({ exp: seconds() + 30 * DAY });

/** Tokens that anyone can write: under kids that were never published. */
function strangers(count) {
  const claims = userClaims();
  return Promise.all(
    Array.from({ length: count }, (_, index) => sign(claims, { header: { kid: `no ${index}` } })),
  );
}

/**
 * The life of a remote key set: each case says what an endpoint did and which tokens were accepted.
 */
export const keySet = {
  async "fetches once for all callers while it is cold"(postern) {
    const arrived = gate();
    const script = scripted(async () => {
      await arrived.opened;
      return json(jwkSet("current"))();
    });
    const { verify } = guard(postern, script);
    const tokens = await Promise.all([sign(userClaims()), sign(userClaims({ sub: "other" }))]);
    const verdicts = [...tokens, ...tokens, ...tokens].map((token) => verify(token));
    arrived.open();
    for (const { issuer } of await Promise.all(verdicts)) equal(issuer, ISSUER);
    equal(script.calls.length, 1, "fetches");
    const [{ url, init }] = script.calls;
    equal([url, init.redirect], [CERTS, "manual"]);
    ok(init.signal instanceof AbortSignal, "the fetch has a signal");
  },

  async "takes a team's keys from its certs endpoint"({ createVerifier }) {
    const { fetch, calls } = scripted(json({ ...jwkSet("current"), public_certs: [] }));
    const verifier = createVerifier({ team: TEAM, audience: AUDIENCE, remote: { fetch } });
    await verifier.prefetch();
    equal((await verifier.verify(await sign(userClaims()))).issuer, ISSUER);
    equal(
      calls.map(({ url }) => url),
      [CERTS],
    );
  },

  async "fetches nothing while it is fresh"(postern) {
    const clock = manualClock();
    const script = scripted(json(jwkSet("current"), { "cache-control": "max-age=300" }));
    const { keys, verify } = guard(postern, script, { now: clock.now });
    const token = await sign(lasting());
    await verify(token);
    clock.advance(260);
    await verify(token);
    equal([script.calls.length, keys.state.standing], [1, "fresh"]);
  },

  async "verifies at once while it revalidates in the background"(postern) {
    const clock = manualClock();
    const { opened, open } = gate();
    const script = scripted(json(jwkSet("current")), async () => {
      await opened;
      return json(jwkSet("current", "next"))();
    });
    const { keys, verify } = guard(postern, script, { now: clock.now });
    const token = await sign(lasting());
    await verify(token);
    clock.advance(700);
    const { waitUntil, settled } = background();
    for (let turn = 0; turn < 5; turn++) await verify(token, { waitUntil });
    equal([script.calls.length, keys.state.standing], [2, "stale"]);
    open();
    await settled();
    equal([keys.state.standing, keys.state.kids], ["fresh", ["current", "next"]]);
  },

  async "makes a token wait for the key that was just published"(postern) {
    const script = scripted(json(jwkSet("previous")), json(jwkSet("current", "previous")));
    const { verify } = guard(postern, script, COOLDOWN);
    await verify(await sign(userClaims(), { key: "previous" }));
    equal((await verify(await sign(userClaims()))).issuer, ISSUER);
    equal(script.calls.length, 2, "fetches");
  },

  async "makes a token wait for the end of a cooldown that an unknown kid started"(postern) {
    const [old, rotated] = [json(jwkSet("previous")), json(jwkSet("current", "previous"))];
    const script = scripted(old, old, rotated);
    const { keys, verify } = guard(postern, script, COOLDOWN);
    await keys.prefetch();
    const [stranger] = await strangers(1);
    await refused(verify(stranger), "key_not_found");
    equal((await verify(await sign(userClaims()))).issuer, ISSUER);
    equal(script.calls.length, 3, "fetches");
  },

  async "fetches once for many unknown kids, and once for all that come meanwhile"(postern) {
    const script = scripted(json(jwkSet("current")));
    const { keys, safeVerify } = guard(postern, script, COOLDOWN);
    await keys.prefetch();
    const verdicts = await Promise.all((await strangers(10)).map((token) => safeVerify(token)));
    equal(
      verdicts.map(({ error }) => error?.code),
      verdicts.map(() => "key_not_found"),
    );
    equal(script.calls.length, 3, "fetches");
  },

  async "never delays a known key for an unknown one"(postern) {
    const { opened, open } = gate();
    const script = scripted(json(jwkSet("current")), async () => {
      await opened;
      return json(jwkSet("current"))();
    });
    const { keys, verify } = guard(postern, script, COOLDOWN);
    await keys.prefetch();
    const [stranger] = await strangers(1);
    const waiting = refused(verify(stranger), "key_not_found");
    equal((await verify(await sign(userClaims()))).issuer, ISSUER);
    open();
    await waiting;
  },

  async "answers 503 when no more may wait, and fetches for it behind"(postern) {
    const script = scripted(json(jwkSet("current")));
    const { keys, verify } = guard(postern, script, { maxParked: 0 });
    await keys.prefetch();
    const [stranger] = await strangers(1);
    const error = await unavailable(verify(stranger), "backing_off");
    ok(error.retryAfterSeconds >= 1, "it says when to try again");
    equal((await verify(await sign(userClaims()))).issuer, ISSUER);
    equal(script.calls.length, 2, "fetches");
  },

  async "does not read a failed refresh as proof that a key is absent"(postern) {
    const script = scripted(json(jwkSet("current")), down);
    const { keys, verify } = guard(postern, script, COOLDOWN);
    await keys.prefetch();
    const [stranger] = await strangers(1);
    await unavailable(verify(stranger), "fetch_failed");
    equal((await verify(await sign(userClaims()))).issuer, ISSUER);
  },

  async "lets no old cookie of a withdrawn key wait"(postern) {
    const script = scripted(json(jwkSet("current")));
    const { keys, verify } = guard(postern, script);
    await keys.prefetch();
    const claims = userClaims({ iat: seconds() - 600 });
    await refused(verify(await sign(claims, { key: "previous" })), "key_not_found");
    equal(script.calls.length, 1, "fetches");
  },

  async "makes no fetch for a token that could not pass anyway"(postern) {
    const script = scripted(json(jwkSet("current")));
    const { verify } = guard(postern, script);
    const expired = await sign(userClaims({ exp: seconds() - 600 }));
    equal((await refused(verify(expired), "token_expired")).verified, false);
    equal(script.calls.length, 0, "fetches");
  },

  async "stops trusting a withdrawn key"(postern) {
    const script = scripted(json(jwkSet("current", "previous")), json(jwkSet("current")));
    const { keys, verify } = guard(postern, script, COOLDOWN);
    const token = await sign(userClaims(), { key: "previous" });
    equal((await verify(token)).issuer, ISSUER);
    equal((await verify(token)).issuer, ISSUER);
    await keys.refresh();
    await refused(verify(token), "key_not_found");
  },

  async "treats the same kid with other material as another key"(postern) {
    const exchanged = { keys: [publicJwk("next", { kid: "current" })] };
    const script = scripted(json(jwkSet("current")), json(exchanged));
    const { keys, verify } = guard(postern, script);
    const token = await sign(userClaims());
    equal((await verify(token)).issuer, ISSUER);
    await keys.refresh();
    await refused(verify(token), "signature_invalid");
    const header = { kid: "current" };
    equal((await verify(await sign(userClaims(), { key: "next", header }))).issuer, ISSUER);
  },

  async "keeps the last good set through an outage, for a day"(postern) {
    const clock = manualClock();
    const script = scripted(json(jwkSet("current")), down);
    const { keys, verify } = guard(postern, script, { now: clock.now });
    const token = await sign(lasting());
    await verify(token);
    clock.advance(3600);
    equal((await verify(token)).issuer, ISSUER);
    equal([script.calls.length, keys.state.failures], [2, 1]);
    clock.advance(DAY);
    await unavailable(verify(token), "fetch_failed");
  },

  async "keeps the last good set when the endpoint answers garbage"(postern) {
    const answers = [{ keys: [] }, { keys: "none" }, [], "keys", null, { error: "oops" }];
    for (const answer of answers) {
      const script = scripted(json(jwkSet("current")), json(answer));
      const { keys, verify } = guard(postern, script);
      await keys.prefetch();
      const { ok: isRefreshed } = await keys.refresh().then(
        () => ({ ok: true }),
        ({ name }) => ({ ok: name !== "KeySetError" }),
      );
      equal([isRefreshed, keys.state.kids], [false, ["current"]]);
      equal((await verify(await sign(userClaims()))).issuer, ISSUER);
    }
  },

  async "tries once more when it is cold, and then answers 503"(postern) {
    const script = scripted(status(500));
    const { verify } = guard(postern, script);
    const token = await sign(userClaims());
    const error = await unavailable(verify(token), "http_status");
    equal([error.status, error.upstreamStatus], [503, 500]);
    ok(error.retryAfterSeconds >= 1, "it says when to try again");
    await unavailable(verify(token), "backing_off");
    equal(script.calls.length, 2, "fetches");
  },

  async "recovers as soon as the endpoint does"(postern) {
    const script = scripted(down, json(jwkSet("current")));
    const { verify } = guard(postern, script);
    equal((await verify(await sign(userClaims()))).issuer, ISSUER);
  },

  async "revalidates with the validator it received"(postern) {
    const clock = manualClock();
    const answer = json(jwkSet("current"), { etag: '"one"', "cache-control": "max-age=60" });
    const script = scripted(answer, status(304));
    const { keys, verify } = guard(postern, script, { now: clock.now });
    const token = await sign(lasting());
    await verify(token);
    clock.advance(61);
    const { waitUntil, settled } = background();
    await verify(token, { waitUntil });
    await settled();
    const [first, second] = script.calls.map(({ init }) => init.headers["if-none-match"]);
    equal([first, second, keys.state.standing], [undefined, '"one"', "fresh"]);
  },

  async "ends the wait of the caller that gives up, and of no other"(postern) {
    const { opened, open } = gate();
    const script = scripted(async () => {
      await opened;
      return json(jwkSet("current"))();
    });
    const { verify } = guard(postern, script);
    const token = await sign(userClaims());
    const controller = new AbortController();
    const impatient = unavailable(verify(token, controller), "fetch_failed");
    const patient = verify(token);
    controller.abort(new Error("gone"));
    equal((await impatient).cause.message, "gone");
    open();
    equal((await patient).issuer, ISSUER);
    equal(script.calls.length, 1, "fetches");
  },

  async "reports events to an operator, and survives a listener that throws"(postern) {
    const events = [];
    const onEvent = (event) => {
      events.push(event);
      throw new Error("listener");
    };
    const bad = { kty: "EC", kid: "elliptic" };
    const published = { keys: [bad, publicJwk("current")] };
    const { verify } = guard(postern, scripted(json(published)), { onEvent });
    equal((await verify(await sign(userClaims()))).issuer, ISSUER);
    equal(
      events.map(({ type, kid }) => [type, kid ?? null]),
      [
        ["refresh_started", null],
        ["key_skipped", "elliptic"],
        ["refresh_succeeded", null],
        ["key_added", "current"],
      ],
    );
  },

  async "discovers the keys of an OpenID Connect issuer"({ createVerifier, discoverKeySet }) {
    const issuer = "https://issuer.example";
    const jwks_uri = `${issuer}/jwks`;
    const { fetch, calls } = scripted(json({ issuer, jwks_uri }), json(jwkSet("current")));
    const keys = discoverKeySet(issuer, { fetch });
    const { verify } = createVerifier({ issuer, audience: "my-api", keys });
    const claims = { iss: issuer, aud: "my-api", exp: seconds() + 60 };
    equal((await verify(await sign(claims))).issuer, issuer);
    equal(
      calls.map(({ url }) => url),
      [`${issuer}/.well-known/openid-configuration`, jwks_uri],
    );
  },

  async "accepts no discovery document of another issuer"({ discoverKeySet }) {
    const issuer = "https://issuer.example";
    for (const document of [
      { issuer: "https://other.example", jwks_uri: `${issuer}/jwks` },
      { issuer, jwks_uri: "https://other.example/jwks" },
      { issuer, jwks_uri: "http://issuer.example/jwks" },
      { issuer },
    ]) {
      const { fetch, calls } = scripted(json(document), json(jwkSet("current")));
      await unavailable(discoverKeySet(issuer, { fetch }).refresh(), "discovery_mismatch");
      equal(calls.length, 1, "fetches");
    }
  },
};
