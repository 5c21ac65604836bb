import { equal, ok, refused } from "./assert.js";
import { AUDIENCE, ISSUER, sign, TEAM, userClaims } from "./issuer.js";
import { jwkSet, privateJwks, publicJwk } from "./keys.js";

// RFC 7515 appendix A.2.1: signed by the key of the same appendix, with CRLF and blanks inside.
const RFC7515_A2 =
  "eyJhbGciOiJSUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ.cC4hiUPoj9Eetdgtv3hF80EGrhuB__dzERat0XF9g2VtQgr9PJbu3XOiZj5RZmh7AAuHIm4Bh-0Qc_lF5YKt_O8W2Fp5jujGbds9uJdbF9CUAr7t1dnZcAcQjbKBYNX4BAynRFdiuB--f_nZLgrnbyTyWzO75vRK5h6xBArLIARNPvkSjtQBMHlb1L07Qe7K0GarZRmB_eSN9383LcOLn6_dO--xi12jzDwusC-eOkHWEsqtFZESc6BfI7noOPqvhJ1phCnvWh6IeYI2w9QOYEUipUTI8np6LbgGY9Fs98rqVt5AXLIhWkWywlVmtVrBp0igcN_IoypGlUPQGe77Rw";

const PEM = `-----BEGIN PUBLIC KEY-----
MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEA0vx7agoebGcQSuuPiLJX
ZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tS
oc/BJECPebWKRXjBZCiFV4n3oknjhMstn64tZ/2W+5JsGY4Hc5n9yBXArwl93lqt
7/RN5w6Cf0h4QyQ5v+65YGjQR0/FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0
zgdAZHzu6qMQvRL5hajrn1n91CbOpbISD08qNLyrdkt+bFTWhAI4vMQFh6WeZu0f
M4lFd2NcRwr3XPksINHaQ+G/xBniIqbw0Ls1jF44+csFCur+kEgU8awapJzKnqDK
gwIDAQAB
-----END PUBLIC KEY-----
`;

/**
 * Published examples of the standards, and the forms in which keys and errors are read and shown.
 */
export const documents = {
  async "accepts the signature of RFC 7515 appendix A.2"({ createVerifier }) {
    const keys = jwkSet("previous");
    const now = () => 1_300_819_379_000;
    const { prefetch, verify } = createVerifier({ issuer: "joe", audience: "me", keys, now });
    await prefetch();
    // The published token names no audience: it is refused for that, after its signature was
    // checked.
    const error = await refused(verify(RFC7515_A2), "claim_missing");
    equal([error.claim, error.verified], ["aud", true]);
    const forged = RFC7515_A2.replace(".cC4", ".cC5");
    await refused(verify(forged), "signature_invalid");
    const other = createVerifier({ issuer: "joe", audience: "me", keys: jwkSet("next"), now });
    await other.prefetch();
    await refused(other.verify(RFC7515_A2), "signature_invalid");
  },

  async "reads the token of RFC 7515 appendix A.2 without trusting it"({ decodeUnverified }) {
    const { header, payload } = decodeUnverified(RFC7515_A2);
    equal(header, { alg: "RS256" });
    equal(payload, { iss: "joe", exp: 1_300_819_380, "http://example.com/is_root": true });
  },

  async "gives the thumbprint of RFC 7638 section 3.1"({ jwkThumbprint }) {
    const thumbprint = await jwkThumbprint(publicJwk("current"));
    equal(thumbprint, "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs");
  },

  async "writes a key as PEM"({ jwkToPem }) {
    equal(await jwkToPem(publicJwk("current")), PEM);
  },

  async "imports a public key for verification and nothing else"({ importJwk }) {
    const { type, usages, algorithm } = await importJwk(publicJwk("current"));
    equal([type, usages], ["public", ["verify"]]);
    const { name, hash, modulusLength } = algorithm;
    equal([name, hash.name, modulusLength], ["RSASSA-PKCS1-v1_5", "SHA-256", 2048]);
  },

  async "refuses a key that is not for RS256"({ importJwk, jwkToPem, jwkThumbprint }) {
    const jwk = publicJwk("current");
    for (const wrong of [
      undefined,
      null,
      "key",
      {},
      { ...jwk, kty: "EC" },
      { ...jwk, alg: "RS512" },
      { ...jwk, use: "enc" },
      { ...jwk, n: undefined },
      { ...jwk, n: `${jwk.n}=` },
      { ...jwk, n: jwk.n.slice(0, 200) },
      { ...jwk, e: "AQ" },
      { ...jwk, d: privateJwks.current.d },
    ]) {
      for (const take of [importJwk, jwkToPem, jwkThumbprint]) {
        const error = await take(wrong).catch((reason) => reason);
        ok(error instanceof TypeError, "it rejects with a TypeError");
      }
    }
  },

  async "skips the bad entries of a set"({ createVerifier }) {
    const bad = [null, 7, "key", [], {}, { kty: "EC", kid: "current" }, { kty: "RSA", kid: 1 }];
    const keys = { keys: [...bad, publicJwk("next", { e: "Ag" }), publicJwk("current")] };
    const { verify } = createVerifier({ team: TEAM, audience: AUDIENCE, keys });
    equal((await verify(await sign(userClaims()))).issuer, ISSUER);
  },

  async "recognises its errors by a mark that every copy shares"({
    TokenError,
    KeySetError,
    isTokenError,
    isKeySetError,
  }) {
    const [token, keySet] = [new TokenError("token_expired"), new KeySetError("backing_off")];
    equal([isTokenError(token), isKeySetError(token)], [true, false]);
    equal([isTokenError(keySet), isKeySetError(keySet)], [false, true]);
    ok(token instanceof TokenError && token instanceof Error, "a TokenError is an Error");
    ok(!(keySet instanceof TokenError), "a KeySetError is no TokenError");
    const foreign = Object.assign(new Error(), { [Symbol.for("postern.TokenError")]: true });
    ok(foreign instanceof TokenError, "another copy's TokenError is one");
    for (const value of [undefined, null, 1, "token_expired", {}, new Error()]) {
      equal([isTokenError(value), isKeySetError(value)], [false, false]);
    }
  },

  async "gives the status to answer"({ TokenError, KeySetError, IdentityError }) {
    equal(new TokenError("token_expired").status, 401);
    equal(new TokenError("forbidden").status, 403);
    equal(new KeySetError("http_status", { upstreamStatus: 404 }).status, 503);
    equal(new IdentityError("identity_refused").status, 401);
  },

  async "derives the addresses of a team"({ accessTeam }) {
    for (const team of [TEAM, `${TEAM}.cloudflareaccess.com`, ISSUER, new URL(ISSUER)]) {
      const { issuer, certsUrl } = accessTeam(team);
      equal([issuer, certsUrl], [ISSUER, `${ISSUER}/cdn-cgi/access/certs`]);
    }
  },
};
