import { encodeBase64Url } from "../../encoding/base64url.ts";
import { encodePart } from "../compact.ts";
import { type Bytes, concat, utf8 } from "../der.ts";
import { type Attacks, type Forge, partsOf } from "./forge.ts";

/** Serializations that are not three parts with two dots (RFC 7515 section 7.1). */
export const structureAttacks: Attacks = async function* (forge) {
  const { header, claims, genuine } = forge;
  const [first, payload, signature] = partsOf(genuine);
  const none = `${encodePart({ ...header, alg: "none" })}.${encodePart(claims)}`;
  const broken: readonly (readonly [name: string, token: string, what: string])[] = [
    ["empty", "", "It is empty"],
    ["dots-only", "..", "It is only two dots"],
    ["one-part", first, "It is only a header"],
    ["two-parts", `${first}.${payload}`, "The signature is missing, and so is its dot"],
    ["two-parts-alg-none", none, "It is not signed, and the last dot is missing"],
    ["four-parts", `${genuine}.${signature}`, "A fourth part follows"],
    ["trailing-dot", `${genuine}.`, "A dot follows, and so does an empty fourth part"],
    ["leading-dot", `.${genuine}`, "A dot comes before it"],
    ["double-dot", `${first}..${payload}.${signature}`, "Two dots follow each other"],
    ["empty-header", `.${payload}.${signature}`, "The header is empty"],
    ["empty-payload", `${first}..${signature}`, "The payload is empty, as in a detached signature"],
    ["parts-swapped", `${payload}.${first}.${signature}`, "The payload and the header are swapped"],
  ];
  for (const [name, token, what] of broken) {
    yield {
      name: `structure-${name}`,
      token,
      why: `${what}. A token is a header, a payload and a signature with two dots between them (RFC 7515 section 7.1, RFC 7519 section 7.2).`,
    };
  }
  yield {
    name: "structure-flattened-json",
    token: JSON.stringify({ payload, protected: first, signature }),
    why: "It is in the JSON serialization. A JWT is always compact (RFC 7519 section 3), and the JSON form has a second place for headers (RFC 7515 section 7.2.2).",
  };
  yield {
    name: "structure-unprotected-header",
    token: JSON.stringify({ payload, header: { ...header, alg: "none" }, signature: "" }),
    why: "It is in the JSON serialization, and its header is not signed and says alg none (RFC 7515 section 7.2.1, RFC 8725 section 2.1).",
  };
  yield {
    name: "structure-no-signatures",
    token: JSON.stringify({ payload, signatures: [] }),
    why: "It is in the JSON serialization, and its list of signatures is empty. A guard that checks every signature in the list accepts it (RFC 7515 section 7.2.1).",
  };
  yield {
    name: "structure-encrypted",
    token: await encrypted(forge, genuine),
    why: "It is a genuine token, encrypted with the issuer's public key. Anyone can encrypt with a public key, so that proves nothing, and a guard has no key to decrypt it (RFC 7516 section 3, RFC 8725 section 2.1).",
  };
  yield {
    name: "structure-encrypted-unsigned",
    token: await encrypted(forge, `${none}.`),
    why: "It is an unsigned token, encrypted with the issuer's public key. A guard that trusts a token because it can decrypt it accepts a token that anyone can make (RFC 8725 sections 2.1 and 3.3).",
  };
};

/** Makes a JWE of five parts with RSA-OAEP-256 and A256GCM (RFC 7516 section 7.1). */
async function encrypted({ key }: Forge, text: string): Promise<string> {
  const { n, e } = key.publicJwk;
  const oaep = { name: "RSA-OAEP", hash: "SHA-256" };
  const jwk = { kty: "RSA", n, e };
  const publicKey = await crypto.subtle.importKey("jwk", jwk, oaep, false, ["encrypt"]);
  const secret = crypto.getRandomValues(new Uint8Array(32));
  const iv = crypto.getRandomValues(new Uint8Array(12));
  const first = encodePart({ alg: "RSA-OAEP-256", enc: "A256GCM", cty: "JWT", kid: key.kid });
  const gcm = { name: "AES-GCM", iv, additionalData: utf8(first) };
  const contentKey = await crypto.subtle.importKey("raw", secret, "AES-GCM", false, ["encrypt"]);
  const bytes = new Uint8Array(await crypto.subtle.encrypt(gcm, contentKey, utf8(text)));
  const wrapped = new Uint8Array(await crypto.subtle.encrypt(oaep, publicKey, secret));
  const parts: Bytes[] = [wrapped, concat(iv), bytes.slice(0, -16), bytes.slice(-16)];
  return [first, ...parts.map(encodeBase64Url)].join(".");
}
