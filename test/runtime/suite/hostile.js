import { equal, ok, refused } from "./assert.js";
import {
  AUDIENCE,
  base64url,
  decodeBase64Url,
  sign,
  signature,
  signingInput,
  TEAM,
  userClaims,
} from "./issuer.js";
import { jwkSet, publicJwk } from "./keys.js";

const options = { team: TEAM, audience: AUDIENCE, keys: jwkSet("current", "previous") };
const HEADER = { alg: "RS256", kid: "current" };
const encode = (text) => base64url(new TextEncoder().encode(text));

/** A token with a genuine signature, whatever its two parts contain. */
async function signed(header, payload) {
  const input = `${header}.${payload}`;
  return `${input}.${await signature(input)}`;
}

const goodHeader = encode(JSON.stringify(HEADER));
const goodPayload = () => encode(JSON.stringify(userClaims()));
const withHeader = (members) => sign(userClaims(), { header: members });

/** HMAC with the published key as the secret: the result when the token chooses the algorithm. */
async function hs256(secret) {
  const input = signingInput({ alg: "HS256", kid: "current", typ: "JWT" }, userClaims());
  const hmac = { name: "HMAC", hash: "SHA-256" };
  const bytes = new TextEncoder();
  const key = await crypto.subtle.importKey("raw", bytes.encode(secret), hmac, false, ["sign"]);
  const mac = await crypto.subtle.sign("HMAC", key, bytes.encode(input));
  return `${input}.${base64url(new Uint8Array(mac))}`;
}

/**
 * A genuine signature as another number or of another length, which RFC 8017 section 8.2.2 forbids.
 */
async function respell(change) {
  // The change fits only some signatures: about every third one.
  for (let turn = 0; turn < 64; turn++) {
    const token = await sign(userClaims({ sub: `user ${turn}` }), { key: "previous" });
    const at = token.lastIndexOf(".") + 1;
    const bytes = change(decodeBase64Url(token.slice(at)));
    if (bytes !== undefined) return token.slice(0, at) + base64url(bytes);
  }
  throw new Error("no signature left room");
}

/** As many bytes as before, or `undefined`: the same number modulo n. */
function plusModulus(signature) {
  const number = (bytes) => bytes.reduce((sum, byte) => sum * 256n + BigInt(byte), 0n);
  let rest = number(signature) + number(decodeBase64Url(publicJwk("previous").n));
  const bytes = new Uint8Array(signature.length);
  for (let at = bytes.length - 1; at >= 0; at--) {
    bytes[at] = Number(rest & 255n);
    rest >>= 8n;
  }
  return rest === 0n ? bytes : undefined;
}

/** Each one is signed by the real key if it has a signature. */
const hostileTokens = [
  [
    "an unsigned token",
    "algorithm_not_allowed",
    async () => {
      return `${signingInput({ alg: "none" }, userClaims())}.`;
    },
  ],
  ["alg none in another case", "algorithm_not_allowed", () => withHeader({ alg: "nOnE" })],
  [
    "an HMAC keyed with the public JWK",
    "algorithm_not_allowed",
    () => hs256(JSON.stringify(publicJwk("current"))),
  ],
  ["an HMAC keyed with the modulus", "algorithm_not_allowed", () => hs256(publicJwk("current").n)],
  ["another RSA algorithm", "algorithm_not_allowed", () => withHeader({ alg: "RS512" })],
  ["alg in lower case", "algorithm_not_allowed", () => withHeader({ alg: "rs256" })],
  ["an array for alg", "algorithm_not_allowed", () => withHeader({ alg: ["RS256"] })],
  [
    "an algorithm inherited through __proto__",
    "algorithm_not_allowed",
    () => signed(encode('{"__proto__":{"alg":"RS256"},"kid":"current"}'), goodPayload()),
  ],
  ["a critical extension", "header_unsupported", () => withHeader({ crit: ["exp"] })],
  ["an unencoded payload", "header_unsupported", () => withHeader({ b64: false })],
  ["a compressed payload", "header_unsupported", () => withHeader({ zip: "DEF" })],
  ["an encrypted token", "header_unsupported", () => withHeader({ enc: "A256GCM" })],
  ["a nested token", "header_unsupported", () => withHeader({ cty: "JWT" })],
  ["a token of another type", "header_unsupported", () => withHeader({ typ: "logout+jwt" })],
  ["a number for kid", "token_malformed", () => withHeader({ kid: 1 })],
  ["a kid named like an inherited member", "key_not_found", () => withHeader({ kid: "__proto__" })],
  [
    "a key that the token brings along",
    "signature_invalid",
    () => sign(userClaims(), { key: "next", header: { kid: "current", jwk: publicJwk("next") } }),
  ],
  [
    "another key's signature",
    "signature_invalid",
    () => sign(userClaims(), { key: "next", header: { kid: "current" } }),
  ],
  [
    "a payload that was exchanged",
    "signature_invalid",
    async () => {
      const [header, , mac] = (await sign(userClaims())).split(".");
      return [header, encode(JSON.stringify(userClaims({ sub: "mallory" }))), mac].join(".");
    },
  ],
  [
    "a signature of zeros",
    "signature_invalid",
    async () => `${goodHeader}.${goodPayload()}.${base64url(new Uint8Array(256))}`,
  ],
  [
    "a signature that is cut short",
    "signature_invalid",
    async () => (await sign(userClaims())).slice(0, -2),
  ],
  [
    "a signature with a zero byte before it",
    "signature_invalid",
    () => respell((signature) => Uint8Array.of(0, ...signature)),
  ],
  [
    "a signature that the modulus was added to",
    "signature_invalid",
    () => respell((signature) => plusModulus(signature)),
  ],
  [
    "a signature of twice the size",
    "signature_invalid",
    async () => {
      const token = await sign(userClaims());
      return `${token.slice(0, -2)}${"AA".repeat(171)}`;
    },
  ],
  ["no signature", "signature_invalid", async () => `${goodHeader}.${goodPayload()}.`],
  ["two parts", "token_malformed", async () => `${goodHeader}.${goodPayload()}`],
  ["four parts", "token_malformed", async () => `${await sign(userClaims())}.AAAA`],
  ["five parts", "token_malformed", async () => "a.b.c.d.e"],
  ["only dots", "token_malformed", async () => ".."],
  ["base64 padding", "token_malformed", async () => `${await sign(userClaims())}==`],
  ["white space at the end", "token_malformed", async () => `${await sign(userClaims())}\n`],
  [
    "white space inside",
    "token_malformed",
    async () => (await sign(userClaims())).replace(".", ". "),
  ],
  [
    "base64 instead of base64url",
    "token_malformed",
    () => signed(`${goodHeader}+/`, goodPayload()),
  ],
  [
    "a letter beyond ASCII",
    "token_malformed",
    async () => `${(await sign(userClaims())).slice(0, -1)}\u{ff21}`,
  ],
  // 256 bytes leave four spare bits in the last of 342 characters.
  [
    "stray bits at the end of the signature",
    "token_malformed",
    async () => {
      const token = await sign(userClaims());
      const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
      const stray = alphabet[alphabet.indexOf(token.at(-1)) | 1];
      return token.slice(0, -1) + stray;
    },
  ],
  [
    "a byte order mark",
    "token_malformed",
    () => signed(encode(`\ufeff${JSON.stringify(HEADER)}`), goodPayload()),
  ],
  [
    "bytes that are not UTF-8",
    "token_malformed",
    () => signed(goodHeader, base64url(new Uint8Array([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d]))),
  ],
  ["an array for a header", "token_malformed", () => signed(encode("[]"), goodPayload())],
  ["an array for a payload", "token_malformed", () => signed(goodHeader, encode("[{}]"))],
  ["null for a payload", "token_malformed", () => signed(goodHeader, encode("null"))],
  ["text for a payload", "token_malformed", () => signed(goodHeader, encode("hello"))],
  ["an empty payload", "token_malformed", () => signed(goodHeader, "")],
  [
    "a payload nested two thousand deep",
    "claim_missing",
    () => signed(goodHeader, encode(`{"a":${"[".repeat(2000)}${"]".repeat(2000)}}`)),
  ],
  [
    "claims inherited through __proto__",
    "claim_missing",
    () =>
      signed(goodHeader, encode(JSON.stringify({ a: userClaims() }).replace('"a"', '"__proto__"'))),
  ],
  ["an audience that is a number", "claim_invalid", () => sign(userClaims({ aud: [AUDIENCE, 1] }))],
  [
    "an audience that is an object",
    "claim_invalid",
    () => sign(userClaims({ aud: { [AUDIENCE]: 1 } })),
  ],
  ["an issuer in an array", "claim_invalid", () => sign(userClaims({ iss: [userClaims().iss] }))],
  [
    "an expiry beyond every number",
    "claim_invalid",
    () =>
      signed(
        goodHeader,
        encode(JSON.stringify(userClaims({ exp: 1 })).replace('"exp":1', '"exp":1e999')),
      ),
  ],
  ["a subject that is a number", "claim_invalid", () => sign(userClaims({ sub: 1 }))],
  ["a token without a subject", "claim_invalid", () => sign(userClaims({ sub: "" }))],
  [
    "more than the size limit",
    "token_too_large",
    async () => `${await sign(userClaims())}${"A".repeat(16_384)}`,
  ],
];

const hostileValues = () => [
  ["undefined", undefined],
  ["null", null],
  ["a number", 1],
  ["NaN", Number.NaN],
  ["a boolean", true],
  ["a bigint", 1n],
  ["a symbol", Symbol("token")],
  ["a function", () => "a.b.c"],
  ["an array", ["a.b.c"]],
  ["a String object", new String("a.b.c")],
  ["an object that says it is a token", { toString: () => "a.b.c", length: 5 }],
  ["an object without a prototype", Object.create(null)],
  [
    "a proxy that throws",
    new Proxy(
      {},
      {
        get: () => {
          throw new Error("trap");
        },
      },
    ),
  ],
];

const cases = hostileTokens.map(([name, code, make]) => [
  `refuses ${name}`,
  async ({ createVerifier }) => {
    const token = await make();
    const error = await refused(createVerifier(options).verify(token), code);
    const shown = `${error.message} ${error.stack} ${JSON.stringify(error)}`;
    ok(!shown.includes(token), "the error does not hold the token");
  },
]);

export const hostile = {
  ...Object.fromEntries(cases),

  async "refuses every JavaScript value that is no token"({ createVerifier }) {
    const { verify } = createVerifier(options);
    for (const [name, value] of hostileValues()) {
      const error = await verify(value).catch((reason) => reason);
      equal(error?.name, "TokenError", name);
    }
  },
};
