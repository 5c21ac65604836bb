// Tokens and options that allow a mistake.
import { AUDIENCE, OTHER_AUDIENCE } from "../issuer.js";
import { keyOf, letsIn, refusalOf, verdict } from "../lab.js";

const ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/** 256 bytes leave four unused bits in the last character: here they are not zero. */
function withStrayBits(token) {
  const last = ALPHABET.indexOf(token.at(-1));
  return token.slice(0, -1) + ALPHABET[last | 1];
}

const respelt = (respell) => ({
  async ask({ token, warm }) {
    const key = keyOf("a");
    return verdict(await warm(key), respell(token(key)));
  },
});

const audience = (value) => ({
  async ask({ create, token, publish }) {
    const key = keyOf("a");
    publish(key);
    let verify;
    try {
      verify = await create({ audience: value });
    } catch {
      return "refuses to start";
    }
    const other = await letsIn(verify, token(key, { aud: [OTHER_AUDIENCE] }));
    return other ? "accepts every audience" : "refuses every token";
  },
});

const algorithm = (name) => ({
  async ask({ create, token, publish }) {
    const key = keyOf(name, name);
    publish(key);
    return (await letsIn(await create({ algorithm: name }), token(key))) ? "yes" : "no";
  },
});

export const tokens = [
  {
    title: "No `exp`",
    async ask({ token, warm }) {
      const key = keyOf("a");
      return verdict(await warm(key), token(key, { exp: undefined }));
    },
  },
  { title: "A signature with `==` after it", ...respelt((token) => `${token}==`) },
  { title: "A signature with unused bits in its last character", ...respelt(withStrayBits) },
  {
    title: "`aud` is a longer string that contains the audience",
    async ask({ token, warm }) {
      const key = keyOf("a");
      return verdict(await warm(key), token(key, { aud: `${AUDIENCE}0` }));
    },
  },
  {
    title: "The payload of two calls with one token",
    async ask({ token, warm }) {
      const key = keyOf("a");
      const verify = await warm(key);
      const known = token(key);
      const [one, two] = [await verify(known), await verify(known)];
      const frozen = Object.isFrozen(one) && Object.isFrozen(one.custom.roles);
      if (one !== two && one.custom !== two.custom) return "a new one each";
      return frozen ? "shared, frozen throughout" : "shared";
    },
  },
];

export const options = [
  { title: "The audience is left out", ...audience(undefined) },
  { title: 'The audience is `""`', ...audience("") },
  { title: "The audience is `[]`", ...audience([]) },
];

export const errors = [
  {
    title: "A forged token",
    async ask({ token, warm }) {
      const verify = await warm(keyOf("a"));
      const [header, payload] = token(keyOf("a")).split(".");
      const [, , signature] = token(keyOf("a"), { jti: "another" }).split(".");
      return refusalOf(verify, `${header}.${payload}.${signature}`);
    },
  },
  {
    title: "A genuine token, and no keys available",
    async ask({ create, token }) {
      return refusalOf(await create(), token(keyOf("a")));
    },
  },
];

export const algorithms = [
  { title: "Verifies ES256", ...algorithm("ES256") },
  { title: "Verifies EdDSA (Ed25519)", ...algorithm("EdDSA") },
];
