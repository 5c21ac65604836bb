import { equal, ok, refused } from "./assert.js";
import { AUDIENCE, ISSUER, seconds, sign, TEAM, userClaims } from "./issuer.js";
import { jwkSet } from "./keys.js";

const keys = jwkSet("current", "previous");
const options = { team: TEAM, audience: AUDIENCE, keys };
const ASSERTION = "Cf-Access-Jwt-Assertion";
const URL = "https://app.example/";

export const requests = {
  async "finds the token in every shape of request"({ createVerifier }) {
    const { verifyRequest } = createVerifier(options);
    const token = await sign(userClaims());
    for (const request of [
      new Request(URL, { headers: { [ASSERTION]: token } }),
      new Headers({ [ASSERTION]: token }),
      { headers: new Headers({ [ASSERTION]: token }) },
      { headers: { [ASSERTION.toLowerCase()]: token } },
      { [ASSERTION]: token },
      { [ASSERTION.toUpperCase()]: [token] },
      new Headers({ cookie: `a=1; CF_Authorization=${token}; b=2` }),
      { headers: { cookie: `CF_Authorization=${token}` } },
    ]) {
      equal((await verifyRequest(request)).principal.email, "grace@example.com");
    }
  },

  async "reports a missing token"({ createVerifier }) {
    const { verifyRequest } = createVerifier(options);
    const token = await sign(userClaims());
    for (const headers of [
      {},
      { authorization: `Bearer ${token}` },
      { "cf-access-token": token },
      { "cf-access-authenticated-user-email": "grace@example.com" },
      { cookie: `cf_authorization=${token}; CF_AppSession=${token}; XCF_Authorization=${token}` },
    ]) {
      await refused(verifyRequest(new Headers(headers)), "token_missing");
      await refused(verifyRequest(headers), "token_missing");
    }
  },

  async "reads own headers only"({ createVerifier }) {
    const headers = Object.create({ [ASSERTION]: await sign(userClaims()) });
    await refused(createVerifier(options).verifyRequest(headers), "token_missing");
  },

  async "does not rescue a bad header with a cookie"({ createVerifier }) {
    const { verifyRequest } = createVerifier(options);
    const cookie = `CF_Authorization=${await sign(userClaims())}`;
    await refused(verifyRequest(new Headers({ [ASSERTION]: "", cookie })), "token_missing");
    await refused(verifyRequest(new Headers({ [ASSERTION]: "a.b.c", cookie })), "token_malformed");
  },

  async "accepts a header that is there twice only when both are the same"({ createVerifier }) {
    const { verifyRequest } = createVerifier(options);
    const [one, other] = await Promise.all([
      sign(userClaims()),
      sign(userClaims({ sub: "mallory" })),
    ]);
    const twice = (...tokens) => {
      const headers = new Headers();
      for (const token of tokens) headers.append(ASSERTION, token);
      return verifyRequest(headers);
    };
    equal((await twice(one, one)).issuer, ISSUER);
    await refused(twice(one, other), "token_malformed");
  },

  async "finds the good one among several cookies"({ createVerifier }) {
    const { verifyRequest } = createVerifier(options);
    const good = await sign(userClaims());
    const expired = await sign(userClaims({ exp: seconds() - 600 }));
    const cookie = `CF_Authorization=${expired}; CF_Authorization=${good}`;
    equal((await verifyRequest(new Headers({ cookie }))).principal.email, "grace@example.com");
  },

  async "refuses two cookies of two principals"({ createVerifier }) {
    const tokens = await Promise.all([sign(userClaims()), sign(userClaims({ sub: "mallory" }))]);
    const cookie = tokens.map((token) => `CF_Authorization=${token}`).join("; ");
    const { verifyRequest } = createVerifier(options);
    await refused(verifyRequest(new Headers({ cookie })), "token_ambiguous");
  },

  async "reads a bearer token for any other issuer"({ createVerifier }) {
    const issuer = "https://issuer.example";
    const { verifyRequest } = createVerifier({ issuer, audience: "my-api", keys });
    const token = await sign({ iss: issuer, aud: "my-api", exp: seconds() + 60 });
    const request = new Request(URL, { headers: { authorization: `Bearer ${token}` } });
    equal((await verifyRequest(request)).issuer, issuer);
    await refused(verifyRequest(new Headers({ [ASSERTION]: token })), "token_missing");
  },

  async "lists the candidates in the order of the attempts"({ readAccessToken }) {
    const cookie = "CF_Authorization=one; CF_Authorization=two; CF_Authorization=one";
    equal(readAccessToken(new Headers({ cookie })), ["one", "two"]);
    equal(readAccessToken(new Headers({ cookie, [ASSERTION]: "three" })), ["three"]);
    equal(readAccessToken(new Headers()), []);
    const many = Array.from({ length: 20 }, (_, index) => `CF_Authorization=${index}`).join(";");
    ok(readAccessToken({ cookie: many }).length === 8, "it stops at eight cookies");
  },
};
