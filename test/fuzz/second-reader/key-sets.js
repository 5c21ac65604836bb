// The entries of a JWK set that may verify RS256 tokens, read from the standards independently.

const MEMBERS_OF_SECRETS = ["d", "p", "q", "dp", "dq", "qi", "oth", "k"];

/** The keys of a set as `{ kid, n, e }` with numbers, or `undefined` when it is no set. */
export function readKeys(set) {
  if (!isObject(set) || !Object.hasOwn(set, "keys") || !Array.isArray(set.keys)) return undefined;
  return Array.from(set.keys, readKey).filter((key) => key !== undefined);
}

function readKey(entry) {
  if (!isObject(entry)) return undefined;
  const jwk = Object.create(null);
  for (const [member, value] of Object.entries(entry)) {
    // Some writers spell "not set" as `null` or as an empty list.
    if (value !== null && !(Array.isArray(value) && value.length === 0)) jwk[member] = value;
  }
  const isFor = (member, value) => jwk[member] === undefined || jwk[member] === value;
  // RFC 7517 sections 4.1 to 4.4, RFC 7518 section 3.3.
  if (jwk.kty !== "RSA" || !isFor("use", "sig") || !isFor("alg", "RS256")) return undefined;
  if (jwk.key_ops !== undefined && !verifies(jwk.key_ops)) return undefined;
  if (jwk.kid !== undefined && typeof jwk.kid !== "string") return undefined;
  // A private key on a public page is compromised (RFC 7518 section 6.3.2).
  if (Object.keys(jwk).some((member) => MEMBERS_OF_SECRETS.includes(member))) return undefined;
  const [n, e] = [toNumber(jwk.n), toNumber(jwk.e)];
  if (n === undefined || e === undefined || n % 2n === 0n || e % 2n === 0n) return undefined;
  const bits = n.toString(2).length;
  // RFC 7518 section 3.3 requires 2048 bits; more than 8192 are too slow.
  if (bits < 2048 || bits > 8192 || e < 3n || e >= 2n ** 32n) return undefined;
  return { kid: jwk.kid, n, e };
}

/** Strings, none of them twice (RFC 7517 section 4.3). */
function verifies(operations) {
  return (
    Array.isArray(operations) &&
    operations.includes("verify") &&
    operations.every((operation) => typeof operation === "string") &&
    new Set(operations).size === operations.length
  );
}

/** Base64urlUInt (RFC 7518 section 2), but leading zeros are accepted. */
export function toNumber(text) {
  if (typeof text !== "string" || text === "") return undefined;
  const bytes = Buffer.from(text, "base64url");
  return bytes.toString("base64url") === text ? BigInt(`0x0${bytes.toString("hex")}`) : undefined;
}

function isObject(value) {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
