// Every library as its own documentation sets it up for an issuer with a key set, with its other
// defaults.
// `create` returns a function that takes a token and resolves with its payload, or rejects. A
// library that answers a request with a response rejects with a `Refusal` that has its status.

import { PATH } from "./endpoint.js";
import { AUDIENCE } from "./issuer.js";

/** What Pages passes to a function, beside the request and its data. */
const pagesContext = {
  env: {},
  functionPath: "",
  next: async () => new Response(null),
  waitUntil() {},
  passThroughOnException() {},
};

class Refusal extends Error {
  constructor(status, location) {
    super(`status ${status}`);
    this.shown = location ? `${status} to the login` : `${status}`;
  }
}

let isHome = false;

/** Sends requests for a team's certs to the endpoint on its port. */
function leadTeamsHome() {
  if (isHome) return;
  isHome = true;
  const { fetch } = globalThis;
  globalThis.fetch = (url, init) => {
    const [, port] = /^https:\/\/port-(\d+)\.cloudflareaccess\.com\//.exec(String(url)) ?? [];
    return fetch(
      port === undefined ? url : `https://localhost:${port}${new URL(url).pathname}`,
      init,
    );
  };
}

export const libraries = {
  postern: {
    packages: [],
    async create({ issuer, certs, audience, fetch }) {
      const { createRemoteKeySet, createVerifier } = await import("../../dist/index.js");
      const keys = createRemoteKeySet(certs, { fetch });
      const verifier = createVerifier({ issuer, audience, keys });
      return async (token) => (await verifier.verify(token)).payload;
    },
    takesFetch: true,
  },

  jose: {
    packages: ["jose"],
    async create({ issuer, certs, audience, fetch }) {
      const { createRemoteJWKSet, customFetch, jwtVerify } = await import("jose");
      const options = fetch && { [customFetch]: fetch };
      const keys = createRemoteJWKSet(new URL(certs), options);
      return async (token) => (await jwtVerify(token, keys, { issuer, audience })).payload;
    },
    takesFetch: true,
  },

  "aws-jwt-verify": {
    packages: ["aws-jwt-verify"],
    async create({ issuer, certs, audience, fetch }) {
      const { JwtVerifier } = await import("aws-jwt-verify");
      const { SimpleJwksCache } = await import("aws-jwt-verify/jwk");
      const cache = fetch && { jwksCache: new SimpleJwksCache({ fetcher: { fetch } }) };
      const verifier = JwtVerifier.create({ issuer, audience, jwksUri: certs }, cache);
      return (token) => verifier.verify(token);
    },
    takesFetch: true,
  },

  "fast-jwt + get-jwks": {
    packages: ["fast-jwt", "get-jwks"],
    async create({ issuer, audience, algorithm }) {
      const { createVerifier } = await import("fast-jwt");
      const { default: buildGetJwks } = await import("get-jwks");
      const getJwks = buildGetJwks({ issuersWhitelist: [issuer], jwksPath: PATH });
      return createVerifier({
        key: ({ header: { kid, alg } }) => getJwks.getPublicKey({ kid, alg, domain: issuer }),
        algorithms: [algorithm],
        allowedIss: issuer,
        allowedAud: audience,
      });
    },
  },

  "jsonwebtoken + jwks-rsa": {
    packages: ["jsonwebtoken", "jwks-rsa"],
    async create({ issuer, certs, audience, algorithm, fetch }) {
      const { default: jsonwebtoken } = await import("jsonwebtoken");
      const { default: jwksClient } = await import("jwks-rsa");
      const client = jwksClient({ jwksUri: certs, ...(fetch && { fetcher: fetch }) });
      const findKey = ({ kid }, done) =>
        client.getSigningKey(kid, (error, key) => done(error, key?.getPublicKey()));
      const options = { algorithms: [algorithm], issuer, audience };
      return (token) =>
        new Promise((resolve, reject) => {
          jsonwebtoken.verify(token, findKey, options, (error, payload) =>
            error ? reject(error) : resolve(payload),
          );
        });
    },
    takesFetch: true,
  },

  "hono jwk": {
    packages: ["hono"],
    async create({ issuer, certs, audience, algorithm }) {
      const { Hono } = await import("hono");
      const { jwk } = await import("hono/jwk");
      const app = new Hono();
      const verification = { iss: issuer, aud: audience };
      app.use(jwk({ jwks_uri: certs, cookie: "CF_Authorization", alg: [algorithm], verification }));
      let payload;
      app.get("/", (context) => {
        payload = context.get("jwtPayload");
        return context.body(null);
      });
      app.onError((error) => error.getResponse?.() ?? new Response(null, { status: 500 }));
      return async (token) => {
        const headers = { cookie: `CF_Authorization=${token}` };
        const { status } = await app.request("/", { headers });
        if (status !== 200) throw new Refusal(status);
        return payload;
      };
    },
  },

  "@hono/cloudflare-access": {
    packages: ["@hono/cloudflare-access", "hono"],
    // Its address is built from the team's name, so each endpoint here is a team.
    takesNoAddress: true,
    issuerOf: (origin) => `https://port-${new URL(origin).port}.cloudflareaccess.com`,
    async create({ issuer, audience }) {
      leadTeamsHome();
      const { Hono } = await import("hono");
      const { cloudflareAccess } = await import("@hono/cloudflare-access");
      const app = new Hono();
      const [team] = new URL(issuer).hostname.split(".");
      // It advises to set an audience, once for each verifier.
      const { warn } = console;
      console.warn = () => {};
      app.use(cloudflareAccess(team, audience));
      console.warn = warn;
      let payload;
      app.get("/", (context) => {
        payload = context.get("accessPayload");
        return context.body(null);
      });
      app.onError((error) => error.getResponse?.() ?? new Response(null, { status: 500 }));
      return async (token) => {
        const headers = { "Cf-Access-Jwt-Assertion": token };
        const { status } = await app.request("/", { headers });
        if (status !== 200) throw new Refusal(status);
        return payload;
      };
    },
  },

  "Pages plugin": {
    packages: ["@cloudflare/pages-plugin-cloudflare-access"],
    async create({ issuer, audience }) {
      const { default: plugin } = await import("@cloudflare/pages-plugin-cloudflare-access");
      const onRequest = plugin({ domain: issuer, aud: audience });
      return async (token) => {
        const headers = { "Cf-Access-Jwt-Assertion": token };
        const data = {};
        const request = new Request("https://app.example/", { headers });
        const response = await onRequest({ ...pagesContext, request, data });
        if (!data.cloudflareAccess)
          throw new Refusal(response.status, response.headers.get("location"));
        return data.cloudflareAccess.JWT.payload;
      };
    },
  },
};

export const defaults = { audience: AUDIENCE, algorithm: "RS256" };
