// Each origin is correct except for one common flaw. `meant` names the knocks for that flaw: no
// other knock finds it.
import { createHmac, X509Certificate } from "node:crypto";
import { cookieOf, rightSteps, take, verifyRs256 } from "./guard.js";

const decoded = (token) => take(`${token}`.replace(/\.$/, ".AA")).claims.email !== undefined;
const lenient = (token) => {
  const [first, second, third = ""] = token.split(".");
  const json = (part) => JSON.parse(Buffer.from(part, "base64url").toString());
  return {
    header: json(first),
    claims: json(second),
    input: `${first}.${second}`,
    signature: Buffer.from(third, "base64url"),
  };
};
const hmac = (input, secret) => createHmac("sha256", secret).update(input).digest();
const pemOf = (jwk, type) =>
  import("node:crypto").then(({ createPublicKey }) =>
    createPublicKey({ key: jwk, format: "jwk" }).export({ format: "pem", type }),
  );
const confused =
  (secretOf) =>
  async (input, signature, jwk, { alg }) => {
    if (alg === "HS256") return hmac(input, await secretOf(jwk)).equals(signature);
    return alg === "RS256" && jwk !== undefined && verifyRs256(input, signature, jwk);
  };
const fetched = async (url, kid) =>
  (await (await fetch(url)).json()).keys.find((key) => kid === undefined || key.kid === kid);

/** The guard lets requests pass that satisfy a condition. */
const aside = (condition) => (steps) => ({
  admits: async (request) => (await condition(request)) || (await steps.admits(request)),
});
/** A path as most routers see it. */
const ADMIN = { paths: ["/admin"] };
const guardsOnly = (isGuarded) => aside((request) => !isGuarded(request.url));

export const FLAWED = {
  "any token is enough, whatever it says": {
    meant: /./,
    change: () => ({ judge: async () => true }),
  },
  "a missing token is accepted": {
    meant: /./,
    change: (steps) => aside((request) => steps.read(request) === undefined)(steps),
  },
  "decoded and not verified": {
    meant:
      /stranger|unsigned|^(?:alg|hmac|embedded|stolen|no-kid|forged|jku|x5u|kid)-|no-kid|websocket-forged/,
    change: () => ({ isSigned: async () => true }),
  },
  "alg none is accepted": {
    meant: /alg-none|unsigned/,
    change: (steps) => ({
      isSigned: async (...given) => given[3].alg === "none" || steps.isSigned(...given),
    }),
  },
  "alg none is refused in one spelling only": {
    meant: /^alg-none-spelled/,
    change: (steps) => ({
      isSigned: async (...given) =>
        (given[3].alg !== "none" && given[3].alg?.toLowerCase() === "none") ||
        steps.isSigned(...given),
    }),
  },
  "HS256 under the public key in PEM": {
    meant: /^hmac-(?:spki-pem|behind-rs256)/,
    change: () => ({ isSigned: confused((jwk) => pemOf(jwk, "spki")) }),
  },
  "HS256 under the public key in PKCS #1": {
    meant: /^hmac-pkcs1-pem/,
    change: () => ({ isSigned: confused((jwk) => pemOf(jwk, "pkcs1")) }),
  },
  "HS256 under the JWK": {
    meant: /^hmac-jwk-json/,
    change: () => ({ isSigned: confused((jwk) => JSON.stringify(jwk)) }),
  },
  "HS256 under an empty secret when the kid is unknown": {
    meant: /^hmac-(?:empty-secret-unknown-kid|kid-of-an-empty-file)/,
    change: () => ({ isSigned: confused((jwk) => (jwk === undefined ? "" : "a real secret")) }),
  },
  "an empty signature is accepted": {
    meant: /signature-(?:empty|missing|text|gone)|alg-none|unsigned/,
    change: (steps) => ({
      async judge(token) {
        const { header, claims, input, signature } = lenient(token);
        if (signature.length === 0) return steps.isFor(claims);
        return (
          (await steps.isSigned(input, signature, await steps.key(header), header)) &&
          steps.isFor(claims)
        );
      },
    }),
  },
  "the key comes from jwk": {
    meant: /^embedded-jwk/,
    change: (steps) => ({ key: async (header) => header.jwk ?? steps.key(header) }),
  },
  "the key comes from x5c": {
    meant: /^embedded-x5c/,
    change: (steps) => ({
      key: async (header) => {
        if (header.x5c === undefined) return steps.key(header);
        const der = Buffer.from(header.x5c[0], "base64");
        return new X509Certificate(der).publicKey.export({ format: "jwk" });
      },
    }),
  },
  "the key is fetched from jku": {
    meant: /^jku-/,
    change: (steps) => ({
      key: async (header) => (header.jku ? fetched(header.jku) : steps.key(header)),
    }),
  },
  "the key is fetched from jku, which must name the team": {
    meant: /^jku-with-the-team/,
    change: (steps, { team }) => ({
      key: async (header) => (header.jku?.includes(team) ? fetched(header.jku) : steps.key(header)),
    }),
  },
  "the keys are those of iss": {
    meant: /^foreign-issuer/,
    change: (_, { audience }) => ({
      key: async ({ kid }, { iss }) => fetched(`${iss}/cdn-cgi/access/certs`, kid),
      isFor: (claims) => [claims.aud].flat().includes(audience) && claims.type === "app",
    }),
  },
  "issuer and type are not checked": {
    meant: /^meta-token/,
    needs: { gate: true },
    change: (_, { audience }) => ({
      isFor: ({ aud, exp }) => [aud].flat().includes(audience) && exp > Date.now() / 1000,
    }),
  },
  "the e-mail header is trusted": {
    meant: /^email-header|^websocket-with-trusted-headers/,
    change: aside(({ headers }) => headers["cf-access-authenticated-user-email"]?.includes("@")),
  },
  "the headers of another proxy are trusted": {
    meant: /^identity-headers/,
    change: aside(({ headers }) => headers["x-forwarded-user"] !== undefined),
  },
  "the id of a service is trusted": {
    meant: /^service-/,
    change: aside(({ headers }) => headers["cf-access-client-id"]?.endsWith(".access")),
  },
  "Cf-Access-Token is believed": {
    meant: /access-token-header/,
    change: aside(({ headers }) => headers["cf-access-token"] !== undefined),
  },
  "any Cloudflare header is enough": {
    meant: /^headers-of-cloudflare|^email-header-beside/,
    change: aside(({ headers }) => headers["cf-ray"] !== undefined),
  },
  "an error lets the request in": {
    meant:
      /^(?:assertion|password|cookie|forged|hmac|embedded|jku|genuine)|garbage|stranger|unsigned|alg-|kid/,
    change: (steps) => ({
      async admits(request) {
        const token = steps.read(request);
        if (token === undefined) return false;
        try {
          return await steps.judge(token);
        } catch {
          return true;
        }
      },
    }),
  },
  "only / is guarded": {
    meant: /./,
    needs: ADMIN,
    change: guardsOnly((url) => url === "/"),
  },
  "only GET is guarded": {
    meant: /^(?:head|options|preflight)/,
    change: aside(({ method }) => method !== "GET"),
  },
  "OPTIONS is served": {
    meant: /^(?:options|preflight)/,
    change: aside(({ method }) => method === "OPTIONS"),
  },
  "any request that looks like a preflight gets in": {
    meant: /preflight/,
    change: aside(({ headers }) => headers["access-control-request-method"] !== undefined),
  },
  "a header overrides the method": {
    meant: /override|overridden/,
    change: aside(({ headers }) => headers["x-http-method-override"] === "OPTIONS"),
  },
  "the WebSocket is not guarded": {
    meant: /^websocket/,
    change: () => ({ admitsSocket: async () => true }),
  },
  "requests of scripts get in": {
    meant: /^script$/,
    change: aside(({ headers }) => headers["x-requested-with"] === "XMLHttpRequest"),
  },
  "a path with two slashes counts as another one": {
    meant: /^path-|^websocket-at/,
    needs: ADMIN,
    change: guardsOnly((url) => url.startsWith("/admin") || url === "/"),
  },
  "a path in capitals counts as another one": {
    meant: /upper-case/,
    needs: ADMIN,
    change: guardsOnly((url) => !/^\/A/.test(url)),
  },
  "a percent-encoded path counts as another one": {
    meant: /encoded/,
    needs: ADMIN,
    change: guardsOnly((url) => !url.startsWith("/%61")),
  },
  "a slash at the end makes another path": {
    meant: /slash-behind|slashes-behind/,
    needs: ADMIN,
    change: guardsOnly((url) => url !== "/admin/"),
  },
  "a semicolon makes another path": {
    meant: /semicolon/,
    needs: ADMIN,
    change: guardsOnly((url) => !url.includes(";")),
  },
  "files are public by their extension": {
    meant: /css|query-of-a-file|file|semicolon/,
    needs: ADMIN,
    change: guardsOnly((url) => !url.endsWith(".css")),
  },
  "a path that begins like a public path is public": {
    meant: /dot-dot-public|behind-public/,
    needs: ADMIN,
    change: guardsOnly((url) => !url.startsWith("/public")),
  },
  "a caller with an internal address gets in": {
    meant: /forwarded|^websocket-with-trusted-headers/,
    change: aside(({ headers }) => headers["x-forwarded-for"]?.startsWith("127.")),
  },
  "X-Real-IP is believed": {
    meant: /x-real-ip/,
    change: aside(({ headers }) => headers["x-real-ip"] === "127.0.0.1"),
  },
  "X-Original-URL sets the path for the check": {
    meant: /x-original-url/,
    change: aside(({ headers }) => headers["x-original-url"] === "/healthz"),
  },
  "X-Rewrite-URL sets the page": {
    meant: /x-rewrite-url/,
    needs: ADMIN,
    change: (steps) => ({
      admits: async (request) => request.url === "/" || steps.admits(request),
      route: ({ url, headers }) => headers["x-rewrite-url"] ?? url,
    }),
  },
  "localhost is not guarded": {
    meant: /^host-localhost/,
    change: aside(({ headers }) => headers.host?.split(":")[0] === "localhost"),
  },
  "X-Forwarded-Host decides whether the guard runs": {
    meant: /^x-forwarded-host/,
    change: aside(({ headers }) => headers["x-forwarded-host"] === "localhost"),
  },
  "a health checker gets in": {
    meant: /^user-agent-kubernetes/,
    change: aside(({ headers }) => headers["user-agent"]?.startsWith("kube-probe")),
  },
  "a token in the query is only decoded": {
    meant: /query/,
    change: aside(({ url }) => {
      const token = new URL(url, "http://app.test").searchParams.get("token");
      return token !== null && decoded(token);
    }),
  },
  "a token in the cookie is only decoded": {
    meant: /cookie|^websocket-forged/,
    change: aside((request) => {
      const token = cookieOf(request, "CF_Authorization");
      return token?.startsWith("ey") && decoded(token);
    }),
  },
  "a token in Authorization is only decoded": {
    meant: /authorization|^websocket-forged/,
    change: aside(({ headers }) => {
      const token = /^Bearer (ey.*)/.exec(headers.authorization ?? "")?.[1];
      return token !== undefined && decoded(token);
    }),
  },
  "a cookie in the wrong case is only decoded": {
    meant: /cookie-wrong-case/,
    change: aside((request) => {
      const token = cookieOf(request, "cf_authorization");
      return token !== undefined && decoded(token);
    }),
  },
  "a verdict is remembered by the beginning of the token": {
    meant: /^genuine-(?:prefix|payload|signature)|^stolen-kid|^forged-/,
    needs: { token: true },
    change: remembering((token) => token.slice(0, 64 + token.indexOf("."))),
  },
  "a verdict is remembered by the signed part": {
    meant: /^genuine-(?:signature|prefix-kept-three)/,
    needs: { token: true },
    change: remembering((token) => token.slice(0, token.lastIndexOf("."))),
  },
  "a verdict is remembered by the signature": {
    meant: /^genuine-(?:payload|header)-changed/,
    needs: { token: true },
    change: remembering((token) => token.slice(token.lastIndexOf("."))),
  },
  "a verdict is remembered by the person": {
    meant: /./,
    needs: { token: true },
    change: remembering((token) => lenient(token).claims.sub ?? token),
  },
  "a verdict is remembered by the address": {
    meant: /./,
    needs: { token: true },
    change: (steps) => {
      let isKnown = false;
      return {
        async admits(request) {
          isKnown ||= await steps.admits(request);
          return isKnown;
        },
      };
    },
  },
  "the WebSocket only decodes the token in its query": {
    meant: /^websocket-forged-in-query/,
    change: (steps) => ({
      async admitsSocket(request) {
        const token = new URL(request.url, "http://app.test").searchParams.get("token");
        return (token !== null && decoded(token)) || steps.admits(request);
      },
    }),
  },
  "the WebSocket only decodes the token": {
    meant: /^websocket-forged$/,
    change: (steps) => ({
      admitsSocket: async (request) => {
        const token = cookieOf(request, "CF_Authorization");
        return (token !== undefined && decoded(token)) || steps.admits(request);
      },
    }),
  },
  "the WebSocket trusts the e-mail header": {
    meant: /^websocket-with-trusted-headers/,
    change: (steps) => ({
      admitsSocket: async (request) =>
        request.headers["cf-access-authenticated-user-email"] !== undefined ||
        steps.admits(request),
    }),
  },
  "the WebSocket checks neither issuer nor type": {
    meant: /^meta-token-in-websocket/,
    needs: { gate: true },
    change: (_, world) => {
      const isFor = ({ aud, exp }) =>
        [aud].flat().includes(world.audience) && exp > Date.now() / 1000;
      return { admitsSocket: (request) => ({ ...rightSteps(world), isFor }).admits(request) };
    },
  },
  "the WebSocket below the path is not guarded": {
    meant: /^websocket-at-admin-ws/,
    needs: ADMIN,
    change: (steps) => ({
      admitsSocket: async (request) => request.url === "/admin/ws" || steps.admits(request),
    }),
  },
  "a token without an algorithm and a signature is accepted": {
    meant: /^forged-unsigned-without-alg|^forged-unsigned-with-alg-null/,
    change: (steps) => ({
      async judge(token) {
        const { header, claims, signature } = lenient(token);
        if (!header.alg && signature.length === 0) return steps.isFor(claims);
        return steps.judge(token);
      },
    }),
  },
  "alg none in two parts is accepted": {
    meant: /^forged-unsigned-in-two-parts/,
    change: (steps) => ({
      async judge(token) {
        const { header, claims } = lenient(token);
        if (header.alg === "none" && token.split(".").length === 2) return steps.isFor(claims);
        return steps.judge(token);
      },
    }),
  },
  "an empty kid is not verified": {
    meant: /^forged-empty-kid/,
    change: (steps) => ({
      isSigned: async (...given) => given[3].kid === "" || steps.isSigned(...given),
    }),
  },
  "HS256 under the certificate, trimmed": {
    meant: /^hmac-certificate-pem-no-newline/,
    change: (_, { issuer }) => ({
      isSigned: confused((jwk) =>
        issuer
          .jwks()
          .public_certs.find(({ kid }) => kid === jwk.kid)
          .cert.trim(),
      ),
    }),
  },
  "HS256 under the JWK with sorted members": {
    meant: /^hmac-jwk-sorted/,
    change: () => ({
      isSigned: confused((jwk) => JSON.stringify(Object.fromEntries(Object.entries(jwk).sort()))),
    }),
  },
  "HS256 under the AUD tag": {
    meant: /^hmac-audience/,
    change: (_, { audience }) => ({ isSigned: confused(() => audience) }),
  },
  "HS256 under a file that kid names": {
    meant: /^hmac-kid-of-an-empty-file-from-the-root/,
    change: (steps) => ({
      isSigned: async (input, signature, jwk, header) =>
        header.alg === "HS256"
          ? header.kid === "/dev/null" && hmac(input, "").equals(signature)
          : steps.isSigned(input, signature, jwk, header),
    }),
  },
  "a certificate is fetched from x5u, which must name the team": {
    meant: /^x5u-fetched/,
    change: (steps, { team }) => ({
      key: async (header) => {
        if (!header.x5u?.includes(team)) return steps.key(header);
        const text = await (await fetch(header.x5u)).text();
        return new X509Certificate(text).publicKey.export({ format: "jwk" });
      },
    }),
  },
  ...Object.fromEntries(
    Object.entries({
      "the audience is not checked": ["genuine-of-another-application", { aud: ["0".repeat(64)] }],
      "an empty audience is accepted": ["genuine-of-another-application", { aud: [] }],
      "the type may be missing": ["genuine-of-another-type", { type: undefined }],
      "the type may be org": ["genuine-of-another-type", { type: "org" }],
      "the expiry may be missing": ["genuine-without-expiry", { exp: undefined }],
      "the expiry may be text": ["genuine-without-expiry", { exp: "9999999999" }],
      "nbf is not checked": ["genuine-of-the-future", { nbf: 4_000_000_000 }],
      "the issuer may be missing": ["(?:genuine-of-another-team|meta-token)", { iss: undefined }],
      "a token without a name is accepted": [
        "genuine-without-a-name",
        { email: undefined, sub: "" },
      ],
    }).map(([name, [meant, token]]) => [
      name,
      {
        meant: new RegExp(`^${meant}`),
        needs: { gate: true, token },
        change: (steps) => ({
          isFor: (claims) =>
            steps.isFor(claims) ||
            Object.entries(token).every(([claim, value]) => isSameJson(claims[claim], value)),
        }),
      },
    ]),
  ),
  "the expiry is not checked": {
    meant: /^genuine-expired/,
    needs: { token: { exp: 1_600_000_000 } },
    change: (_, { team, audience }) => ({
      isFor: ({ iss, aud, type }) =>
        iss === team && [aud].flat().includes(audience) && type === "app",
    }),
  },
};

function isSameJson(one, other) {
  return JSON.stringify(one) === JSON.stringify(other);
}

/** Takes a token as known when another one with the same key was accepted. */
function remembering(keyOf) {
  return (steps) => {
    const known = new Set();
    return {
      async judge(token) {
        let key = token;
        try {
          key = keyOf(token);
        } catch {
          return false;
        }
        if (known.has(key)) return true;
        const isRight = await steps.judge(token);
        if (isRight) known.add(key);
        return isRight;
      },
    };
  };
}

/** The origin with the flaw. */
export function flawedSteps({ change }, world) {
  const steps = rightSteps(world);
  return { ...rightSteps(world), ...change(steps, world) };
}
