import { decodeBase64Url } from "../encoding/base64url.ts";
import { isJsonObject, parseJsonObject } from "../encoding/json.ts";
import { own } from "../own.ts";
import { publicKeyOf } from "./certificate.ts";
import { UsageError } from "./usage-error.ts";

/** Keys as a person pasted them. */
export interface PastedKeys {
  readonly entries: readonly unknown[];
  /** What they were taken for. */
  readonly note: string;
  /** A PEM gives its key no name: it is held against whatever the token calls its key. */
  readonly nameless: boolean;
}

const BLOCK = /-----BEGIN ([A-Z0-9 ]{1,40})-----([\w+/=\s]*)-----END \1-----/g;
const MOST_CHARACTERS = 1_048_576;
const MOST_BLOCKS = 20;

/**
 * Reads a JWK set, a single JWK, or public keys and certificates in PEM.
 *
 * @throws {UsageError} (rejects) when it is none of them; the text is never quoted
 */
export async function readKeys(text: string): Promise<PastedKeys> {
  if (text.length > MOST_CHARACTERS) throw new UsageError("That is too long for a key set.");
  const blocks = [...text.matchAll(BLOCK)];
  if (blocks.length > 0) return readPem(blocks);
  const document = parseJsonObject(text);
  if (document === undefined) throw new UsageError(NEITHER);
  const entries = own(document, "keys");
  if (Array.isArray(entries)) {
    const note =
      entries.length === 1 ? "a JWK set of 1 key" : `a JWK set of ${entries.length} keys`;
    return { entries, note, nameless: false };
  }
  if (own(document, "kty") === undefined) throw new UsageError(NO_KEYS);
  return {
    entries: [document],
    note: "a single JWK",
    nameless: own(document, "kid") === undefined,
  };
}

const NEITHER = 'That is neither a JWK set, which looks like {"keys": [ … ]}, nor a key in PEM.';
const NO_KEYS = 'There is no array "keys" in that. A JWK set looks like {"keys": [ … ]}.';

async function readPem(blocks: readonly RegExpExecArray[]): Promise<PastedKeys> {
  const entries: unknown[] = [];
  for (const [, label = "", base64 = ""] of blocks.slice(0, MOST_BLOCKS)) {
    if (label.includes("PRIVATE")) {
      throw new UsageError("That is a private key. Show it to no one. Paste its public half.");
    }
    entries.push(await importSpki(label, base64));
  }
  const note = entries.length === 1 ? "a public key in PEM" : `${entries.length} keys in PEM`;
  return { entries, note, nameless: true };
}

/** @throws {UsageError} (rejects) when it is no RSA key */
async function importSpki(label: string, base64: string): Promise<unknown> {
  const unpadded = base64.replace(/[\s=]/g, "").replaceAll("+", "-").replaceAll("/", "_");
  const der = decodeBase64Url(unpadded);
  const spki = der && (label === "CERTIFICATE" ? publicKeyOf(der) : der);
  try {
    const algorithm = { name: "RSASSA-PKCS1-v1_5", hash: "SHA-256" };
    const key = await crypto.subtle.importKey("spki", spki ?? new Uint8Array(), algorithm, true, [
      "verify",
    ]);
    const jwk: unknown = await crypto.subtle.exportKey("jwk", key);
    if (!isJsonObject(jwk)) throw new TypeError("no JWK");
    return { kty: "RSA", n: own(jwk, "n"), e: own(jwk, "e") };
  } catch {
    throw new UsageError("That PEM holds no RSA public key: Access signs with RSA.");
  }
}
