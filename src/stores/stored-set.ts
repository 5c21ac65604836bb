import { decodeBase64Url, encodeBase64Url } from "../encoding/base64url.ts";
import { parseJsonObject } from "../encoding/json.ts";
import type { ReadJwk, VerifyCryptoKey } from "../keys/jwk.ts";
import { readJwkSet } from "../keys/jwk-set.ts";
import { own } from "../own.ts";

/** A public key in a store. */
export type StoredKey = Pick<ReadJwk, "kid" | "n" | "e">;

/** A key set in a store, with only public members and without an ETag. */
export interface StoredSet {
  readonly url: string;
  /** When the origin sent it, in ms since the epoch. */
  readonly fetchedAt: number;
  readonly maxAgeSeconds: number | undefined;
  readonly keys: readonly StoredKey[];
}

/** Writes and reads the text of a stored set. */
export interface StoredForm {
  write(set: StoredSet): Promise<string>;
  /** Reads a set, or returns why it is not valid in a few words, which quote no value of the text. */
  read(text: unknown, url: string, now: number): Promise<StoredSet | string>;
}

/** `postern1.<HMAC-SHA-256, or nothing>.<JSON>`. The start keeps stores from parsing it as JSON. */
const FORM = /^postern1\.([\w-]*)\.(\{.*)/s;

const HMAC = { name: "HMAC", hash: "SHA-256" } as const;

/** With a secret, a writer without the secret cannot forge a set. */
export function storedForm(secret: Uint8Array | undefined, maxBytes: number): StoredForm {
  const encoder = new TextEncoder();
  let imported: VerifyCryptoKey | undefined;

  async function macKey(bytes: Uint8Array): Promise<VerifyCryptoKey> {
    // On some runtimes a promise must not be used after its request. The key itself may.
    imported ??= await crypto.subtle.importKey("raw", bytes.slice(), HMAC, false, [
      "sign",
      "verify",
    ]);
    return imported;
  }

  /** The URL is signed too, so that a text cannot be moved to another set's key. */
  const signed = (url: string, json: string): Uint8Array<ArrayBuffer> =>
    encoder.encode(`postern1\n${url}\n${json}`);

  return {
    async write({ url, fetchedAt, maxAgeSeconds, keys }) {
      const entries = keys.map(({ kid, n, e }) => ({
        kid,
        kty: "RSA",
        n,
        e,
        alg: "RS256",
        use: "sig",
      }));
      const json = JSON.stringify({ url, fetchedAt, maxAgeSeconds, keys: entries });
      let mac = "";
      if (secret !== undefined) {
        const signature = await crypto.subtle.sign("HMAC", await macKey(secret), signed(url, json));
        mac = encodeBase64Url(new Uint8Array(signature));
      }
      return `postern1.${mac}.${json}`;
    },

    async read(text, url, now) {
      if (typeof text !== "string") return "not text";
      if (text.length > maxBytes) return "too large";
      const found = FORM.exec(text) as unknown as [string, string, string] | null;
      if (found === null) return "not a stored key set";
      const [, mac, json] = found;
      if (secret !== undefined) {
        const signature = decodeBase64Url(mac);
        const isOurs =
          signature !== undefined &&
          (await crypto.subtle.verify("HMAC", await macKey(secret), signature, signed(url, json)));
        if (!isOurs) return "signature does not match";
      }
      const document = parseJsonObject(json);
      if (document === undefined) return "not JSON";
      return readDocument(document, url, now);
    },
  };
}

function readDocument(document: object, url: string, now: number): StoredSet | string {
  if (own(document, "url") !== url) return "for another URL";
  const fetchedAt = own(document, "fetchedAt") as number;
  if (!Number.isFinite(fetchedAt)) return "without a valid time";
  // Either a clock was set back, or someone tries to make the set valid for too long.
  if (!(fetchedAt <= now)) return "from the future";
  const maxAgeSeconds = own(document, "maxAgeSeconds");
  if (maxAgeSeconds !== undefined && typeof maxAgeSeconds !== "number")
    return "without a valid age";
  const read = readJwkSet(document);
  if (read === undefined) return "without keys";
  // This module writes only usable keys, so another program has written the others.
  const [strange] = read.skipped;
  if (strange !== undefined) return `with an entry of another kind: ${strange.reason}`;
  if (read.usable.length === 0) return "without keys";
  return { url, fetchedAt, maxAgeSeconds, keys: read.usable };
}
