import { decodeBase64Url, encodeBase64Url } from "../encoding/base64url.ts";
import { parseJsonObject } from "../encoding/json.ts";
import type { ReadJwk, VerifyCryptoKey } from "../keys/jwk.ts";
import { readJwkSet } from "../keys/jwk-set.ts";
import { own } from "../own.ts";

/** A public key as a store keeps it. */
export type StoredKey = Pick<ReadJwk, "kid" | "n" | "e">;

/** A key set as a store keeps it: public members only, and no validator. */
export interface StoredSet {
  readonly url: string;
  /** When it left its origin, in ms since the epoch. */
  readonly fetchedAt: number;
  readonly maxAgeSeconds: number | undefined;
  readonly keys: readonly StoredKey[];
}

/** How texts are written and read back. */
export interface StoredForm {
  write(set: StoredSet): Promise<string>;
  /** The set that the text spells, or in a few words why it is none; the words hold no value of it. */
  read(text: unknown, url: string, now: number): Promise<StoredSet | string>;
}

/** `postern1.<HMAC-SHA-256, or nothing>.<JSON>`: no store takes it for JSON of its own. */
const FORM = /^postern1\.([\w-]*)\.(\{.*)$/s;

const HMAC = { name: "HMAC", hash: "SHA-256" } as const;

/** The form of one operator: with a secret, a writer who does not have it can forge nothing. */
export function storedForm(secret: Uint8Array | undefined, maxBytes: number): StoredForm {
  const encoder = new TextEncoder();
  let imported: VerifyCryptoKey | undefined;

  async function macKey(bytes: Uint8Array): Promise<VerifyCryptoKey> {
    // On some runtimes a promise must not outlive its request; the key itself may.
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
      const [, mac, json] = FORM.exec(text) ?? [];
      if (mac === undefined || json === undefined) return "not a stored key set";
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
  if (own(document, "url") !== url) return "of another URL";
  const fetchedAt = own(document, "fetchedAt");
  if (typeof fetchedAt !== "number" || !Number.isFinite(fetchedAt)) return "without a time";
  // Its age cannot be known (a clock was set back), or it means to be trusted longer than it may.
  if (!(fetchedAt <= now)) return "of the future";
  const maxAgeSeconds = own(document, "maxAgeSeconds");
  if (maxAgeSeconds !== undefined && typeof maxAgeSeconds !== "number") return "without an age";
  const read = readJwkSet(document);
  if (read === undefined) return "without keys";
  // Only usable keys are ever written: one that is not was put there by someone else.
  const [strange] = read.skipped;
  if (strange !== undefined) return `holding an entry of another kind: ${strange.reason}`;
  if (read.usable.length === 0) return "without keys";
  return { url, fetchedAt, maxAgeSeconds, keys: read.usable };
}
