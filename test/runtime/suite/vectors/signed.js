import { base64url, signingInput } from "../issuer.js";
import { publicJwk } from "../keys.js";

/** The answer of {@link decide} for an accepted token; otherwise it is the code of the refusal. */
export const ACCEPTED = "accepted";

const CLAIMS = { iss: "https://issuer.example", aud: "vectors", exp: 2_000_000_000 };
// Every set has a usable key, so that a set with an unusable one can be made at all.
const SPARE = publicJwk("previous", { kid: "spare" });

/** A verifier of the claims below that trusts these keys and one more. */
export function verifierOf({ createVerifier }, keys) {
  return createVerifier({
    issuer: CLAIMS.iss,
    audience: CLAIMS.aud,
    keys: { keys: [...keys, SPARE] },
    now: () => 1_700_000_000_000,
  });
}

/**
 * Decides about a signature by a whole verification. Few published signatures are over a token with
 * claims. Each is put into one, and the engine receives the bytes that were signed. Everything else
 * is the library's own: how it reads the keys and the header, and which signatures it passes on.
 * @param header the token's first part
 * @param signature the token's last part
 * @param message the bytes that were signed
 */
export async function decide(postern, { keys, header, signature, message }) {
  const verifier = verifierOf(postern, keys);
  await verifier.prefetch();
  const token = `${header}.${part(CLAIMS)}.${signature}`;
  const { ok, error } = await signedOver(message, () => verifier.safeVerify(token));
  return ok ? ACCEPTED : (error.code ?? String(error));
}

async function signedOver(message, work) {
  const { subtle } = crypto;
  const { verify } = subtle;
  subtle.verify = (algorithm, key, signature) =>
    verify.call(subtle, algorithm, key, signature, message);
  try {
    return await work();
  } finally {
    // The rest is the prototype's.
    delete subtle.verify;
  }
}

/** A part of a token: a value as JSON. */
export function part(value) {
  return signingInput(value);
}

export function bytesOfHex(digits) {
  return Uint8Array.from(digits.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
}

export function base64urlOfHex(digits) {
  return base64url(bytesOfHex(digits));
}
