import { equal, ok } from "../assert.js";
import { differences } from "./differences.js";
import { ACCEPTED, base64urlOfHex, bytesOfHex, decide, part, verifierOf } from "./signed.js";

const REFUSED = "refused";
const utf8 = new TextEncoder();

/**
 * Every vector of Wycheproof's files as a title and a case, which receives the library.
 * @param files the contents of the files, by name
 */
export function wycheproofCases(files) {
  const cases = new Map();
  for (const [file, { testGroups }] of Object.entries(files)) {
    for (const group of testGroups) {
      for (const vector of group.tests) {
        const name = `${idOf(file)} ${vector.tcId} ${vector.comment}`.trim();
        cases.set(name, caseOf(group, vector, expected(name, vector)));
      }
    }
  }
  const unknown = [...differences.keys()].filter((name) => !cases.has(name));
  if (unknown.length > 0) throw new Error(`no such vectors: ${unknown.join(", ")}`);
  return [...cases];
}

/** The same with one case for each file, which names every vector with another verdict. */
export function wycheproofFiles(files) {
  const cases = wycheproofCases(files);
  return Object.fromEntries(
    Object.keys(files).map((file) => [
      `decides Wycheproof's ${file}`,
      async (postern) => {
        const failures = [];
        for (const [name, work] of cases) {
          if (!name.startsWith(`${idOf(file)} `)) continue;
          await work(postern).catch((error) => failures.push(`${name}: ${error.message}`));
        }
        equal(failures, [], "vectors with another verdict");
      },
    ]),
  );
}

const idOf = (file) => file.replace(/_test\.json$/, "");

function caseOf(group, vector, decision) {
  return async (postern) => {
    const decided = await decideVector(postern, group, vector);
    // When the library only has to refuse, any reason is right.
    if (decision === REFUSED) ok(decided !== ACCEPTED, "it is refused");
    else equal(decided, decision, "decision");
  };
}

/**
 * The expected result of the vector, or of a rule of the library instead. A vector that may be
 * refused is refused.
 */
function expected(name, { result }) {
  return differences.get(name) ?? (result === "valid" ? ACCEPTED : REFUSED);
}

function decideVector(postern, group, vector) {
  return (vector.jws === undefined ? decideRaw : decideJws)(postern, group, vector);
}

/** A signature over any bytes (rsassa_pkcs1_verify_schema). */
async function decideRaw(postern, { publicKey }, { msg, sig }) {
  const n = base64urlOfHex(publicKey.modulus.replace(/^00/, ""));
  const e = base64urlOfHex(publicKey.publicExponent);
  return decide(postern, {
    keys: [{ kty: "RSA", kid: "key", n, e }],
    header: part({ alg: "RS256", kid: "key" }),
    signature: base64urlOfHex(sig),
    message: bytesOfHex(msg),
  });
}

/** A JWS and its key or keys (json_web_signature_schema, json_web_key_schema). */
async function decideJws(postern, group, { jws }) {
  const keys = keysOf(group.public ?? group.private);
  // None of the payloads are claims, so no unchanged vector is accepted.
  const code = await refusal(postern, keys, jws);
  // A private key that was published is not trusted either.
  if (group.public !== undefined) await refusal(postern, keysOf(group.private), jws);
  const parts = String(jws).split(".");
  if (parts.length !== 3 || !/^[\w-]*$/.test(parts[1])) return code;
  const [header, payload, signature] = parts;
  const message = utf8.encode(`${header}.${payload}`);
  return decide(postern, { keys, header, signature, message });
}

const keysOf = (key) => key.keys ?? [key];

async function refusal(postern, keys, token) {
  const verdict = await verifierOf(postern, keys).safeVerify(token);
  equal(
    [verdict.ok, verdict.error?.name],
    [false, "TokenError"],
    "verdict on the unchanged vector",
  );
  return verdict.error.code;
}
