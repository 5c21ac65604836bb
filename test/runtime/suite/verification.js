import { equal, ok, refused, rejects, unavailable } from "./assert.js";
import { AUDIENCE, DAY, ISSUER, seconds, serviceClaims, sign, TEAM, userClaims } from "./issuer.js";
import { jwkSet, privateJwks, publicJwk } from "./keys.js";

const keys = jwkSet("current", "previous");
const options = { team: TEAM, audience: AUDIENCE, keys };

export const verification = {
  async "accepts a user's token and returns the user"({ createVerifier }) {
    const claims = userClaims({ custom: { groups: ["admins", "ünïcode ✓"] } });
    const { payload, header, issuer, principal } = await createVerifier(options).verify(
      await sign(claims),
    );
    equal(payload, claims);
    equal(header, { alg: "RS256", kid: "current", typ: "JWT" });
    equal(issuer, ISSUER);
    const { sub: id, email, country } = claims;
    equal(principal, { kind: "user", id, email, issuer: ISSUER, country });
  },

  async "accepts a service token and returns the service"({ createVerifier }) {
    const claims = serviceClaims();
    const { principal } = await createVerifier(options).verify(await sign(claims));
    const id = claims.common_name;
    equal(principal, { kind: "service", id, name: id, issuer: ISSUER });
  },

  async "accepts the token of any other issuer"({ createVerifier }) {
    const issuer = "https://issuer.example";
    const verifier = createVerifier({ issuer, audience: "my-api", keys });
    const claims = { iss: issuer, aud: "my-api", exp: seconds() + 60, sub: "grace" };
    const { payload } = await verifier.verify(await sign(claims, { header: { typ: "at+jwt" } }));
    equal(payload, claims);
  },

  async "tells several issuers apart"({ createVerifier }) {
    const issuer = "https://issuer.example";
    const other = { issuer, audience: "my-api", keys: jwkSet("next") };
    const verifier = createVerifier([options, other]);
    equal((await verifier.verify(await sign(userClaims()))).issuer, ISSUER);
    const claims = { iss: issuer, aud: "my-api", exp: seconds() + 60 };
    equal((await verifier.verify(await sign(claims, { key: "next" }))).issuer, issuer);
    await refused(verifier.verify(await sign(claims, { key: "current" })), "key_not_found");
    const stranger = { ...claims, iss: "https://other.example" };
    await refused(verifier.verify(await sign(stranger)), "issuer_mismatch");
  },

  async "returns a result that is frozen at every depth"({ createVerifier }) {
    const verifier = createVerifier(options);
    const verified = await verifier.verify(await sign(userClaims({ custom: { deep: [{}] } })));
    const { payload, header, principal } = verified;
    const parts = [verified, payload, payload.aud, payload.custom.deep[0], header, principal];
    ok(parts.every(Object.isFrozen), "every part is frozen");
  },

  async "has methods that survive destructuring"({ createVerifier }) {
    const { verify, safeVerify, verifyRequest, prefetch } = createVerifier(options);
    await prefetch();
    const token = await sign(userClaims());
    equal((await verify(token)).issuer, ISSUER);
    equal((await safeVerify(token)).ok, true);
    equal((await verifyRequest({ "cf-access-jwt-assertion": token })).issuer, ISSUER);
  },

  async "returns a verdict as a value"({ createVerifier }) {
    const { ok: isAccepted, error } = await createVerifier(options).safeVerify("a.b.c");
    equal([isAccepted, error.name, error.status], [false, "TokenError", 401]);
  },

  async "keeps simultaneous verifications apart"({ createVerifier }) {
    const { safeVerify } = createVerifier(options);
    const tokens = await Promise.all(
      Array.from({ length: 12 }, async (_, index) => {
        const token = await sign(userClaims({ sub: `user ${index}` }));
        // Every third is signed by another key than the one it names.
        const header = { kid: "previous" };
        return index % 3 === 2 ? sign(userClaims({ sub: `user ${index}` }), { header }) : token;
      }),
    );
    const verdicts = await Promise.all([...tokens, ...tokens].map((token) => safeVerify(token)));
    for (const [at, { ok: isAccepted, value, error }] of verdicts.entries()) {
      const index = at % tokens.length;
      if (index % 3 === 2) equal(error?.code, "signature_invalid", `verdict ${at}`);
      else equal([isAccepted, value?.payload.sub], [true, `user ${index}`], `verdict ${at}`);
    }
  },

  async "accepts a token again, and no longer once it has expired"({ createVerifier }) {
    let time = Date.now();
    const { verify } = createVerifier({ ...options, now: () => time });
    const token = await sign(userClaims());
    for (let turn = 0; turn < 3; turn++) equal((await verify(token)).issuer, ISSUER);
    time += 601_000 + 60_000;
    await refused(verify(token), "token_expired");
  },

  async "allows a minute of tolerance, and not a second more"({ createVerifier }) {
    const token = await sign(
      userClaims({ exp: 2_000_000_000, iat: 1_999_999_000, nbf: undefined }),
    );
    const at = (time) => createVerifier({ ...options, now: () => time * 1000 }).verify(token);
    equal((await at(2_000_000_059)).issuer, ISSUER);
    await refused(at(2_000_000_060), "token_expired");
  },

  async "refuses a token that is not valid yet"({ createVerifier }) {
    const { verify } = createVerifier(options);
    const nbf = seconds() + 120;
    await refused(verify(await sign(userClaims({ nbf }))), "token_not_yet_valid");
    await refused(verify(await sign(userClaims({ iat: nbf }))), "token_not_yet_valid");
  },

  async "refuses a token for another application"({ createVerifier }) {
    const { prefetch, verify } = createVerifier(options);
    await prefetch();
    for (const aud of ["", AUDIENCE.slice(1), `${AUDIENCE} `, [], ["other"], [`${AUDIENCE},x`]]) {
      const error = await refused(verify(await sign(userClaims({ aud }))), "audience_mismatch");
      equal([error.claim, error.verified], ["aud", true]);
    }
  },

  async "narrows the audience for one call"({ createVerifier }) {
    const { verify } = createVerifier({ ...options, audience: [AUDIENCE, "admin"] });
    const token = await sign(userClaims());
    equal((await verify(token, { audience: AUDIENCE })).issuer, ISSUER);
    await refused(verify(token, { audience: "admin" }), "audience_mismatch");
  },

  async "refuses another team's token, signed by the same key"({ createVerifier }) {
    const iss = "https://other.cloudflareaccess.com";
    const token = await sign(userClaims({ iss }));
    await refused(createVerifier(options).verify(token), "issuer_mismatch");
  },

  async "refuses a token of the whole authentication domain"({ createVerifier }) {
    const token = await sign(userClaims({ type: "org" }));
    await refused(createVerifier(options).verify(token), "token_type_mismatch");
  },

  async "refuses a token without an expiry"({ createVerifier }) {
    const { verify } = createVerifier(options);
    await refused(verify(await sign(userClaims({ exp: undefined }))), "claim_missing");
    await refused(verify(await sign(userClaims({ exp: null }))), "claim_invalid");
    await refused(verify(await sign(userClaims({ exp: `${seconds() + 60}` }))), "claim_invalid");
  },

  async "refuses a token under an unpublished kid"({ createVerifier }) {
    const error = await refused(
      createVerifier(options).verify(await sign(userClaims(), { key: "next" })),
      "key_not_found",
    );
    equal(error.kid, "next");
  },

  async "tries every key for a token without a kid"({ createVerifier }) {
    const { verify } = createVerifier(options);
    const header = { kid: undefined };
    for (const key of ["current", "previous"]) {
      equal((await verify(await sign(userClaims(), { key, header }))).issuer, ISSUER);
    }
    const stranger = await sign(userClaims(), { key: "next", header });
    await refused(verify(stranger), "signature_invalid");
  },

  async "tries every key of one kid"({ createVerifier }) {
    const kid = "shared";
    const shared = { keys: ["current", "previous"].map((key) => publicJwk(key, { kid })) };
    const { verify } = createVerifier({ ...options, keys: shared });
    for (const key of ["current", "previous"]) {
      equal((await verify(await sign(userClaims(), { key, header: { kid } }))).issuer, ISSUER);
    }
  },

  async "refuses a token that the application's own check refuses"({ createVerifier }) {
    const guard = (check) => createVerifier({ ...options, check }).verify;
    const token = await sign(userClaims());
    const seen = [];
    equal((await guard(({ principal }) => void seen.push(principal.email))(token)).issuer, ISSUER);
    equal(seen, ["grace@example.com"]);
    equal((await refused(guard(async () => false)(token), "forbidden")).status, 403);
    await refused(guard(() => "yes")(token), "forbidden");
    const fault = guard(() => {
      throw Object.assign(new Error("database down"), { name: "Fault", code: "own" });
    });
    await rejects(fault(token), "Fault", "own");
  },

  async "refuses a key that is not for RS256, from any source"({ createVerifier }) {
    const token = await sign(userClaims());
    const { kty, n, e } = privateJwks.current;
    for (const algorithm of [
      { name: "RSASSA-PKCS1-v1_5", hash: "SHA-512" },
      { name: "RSA-PSS", hash: "SHA-256" },
    ]) {
      const jwk = { kty, n, e };
      const cryptoKey = await crypto.subtle.importKey("jwk", jwk, algorithm, false, ["verify"]);
      const find = async () => [{ kid: "current", cryptoKey }];
      const verifier = createVerifier({ ...options, keys: { find } });
      await unavailable(verifier.verify(token), "no_usable_keys");
    }
  },

  async "accepts no token when its clock gives no time"({ createVerifier }) {
    const { verify } = createVerifier({ ...options, now: () => Number.NaN });
    const token = await sign(userClaims({ exp: seconds() + DAY }));
    const error = await verify(token).catch((reason) => reason);
    ok(error instanceof TypeError, "it throws a TypeError");
  },

  async "refuses wrong options at once, in one sentence"({ createVerifier }) {
    for (const wrong of [
      {},
      { ...options, audience: "" },
      { ...options, audience: [] },
      { ...options, team: "https://example.com" },
      { ...options, keys: { keys: [] } },
      { ...options, keys: jwkSet("current"), issuer: ISSUER },
    ]) {
      let error;
      try {
        createVerifier(wrong);
      } catch (thrown) {
        error = thrown;
      }
      ok(error instanceof TypeError, "it throws a TypeError");
      ok(!error.message.includes("\n"), "the message is one sentence");
    }
  },
};
