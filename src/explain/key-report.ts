import { decodeBase64Url } from "../encoding/base64url.ts";
import { isJsonObject } from "../encoding/json.ts";
import { jwkThumbprint } from "../keys/import-jwk.ts";
import { readJwk } from "../keys/jwk.ts";
import type { Jwk } from "../keys/jwk-set.ts";
import { jwkToPem } from "../keys/pem.ts";
import { own } from "../own.ts";

/** One entry of a JWK set, and whether a verifier uses it. */
export interface KeyReport {
  readonly kid: string | undefined;
  readonly usable: boolean;
  /** Why it is skipped. */
  readonly reason?: string | undefined;
  /** RFC 7638, SHA-256. */
  readonly thumbprint?: string | undefined;
  /** The length of the modulus. */
  readonly bits?: number | undefined;
  readonly pem?: string | undefined;
}

/** Reports on each entry, in the order of the set. */
export async function reportKeys(entries: readonly unknown[]): Promise<KeyReport[]> {
  const seen = new Set<string>();
  const reports: KeyReport[] = [];
  for (const entry of entries) {
    const read = readJwk(entry);
    const kid = textOf(entry, "kid");
    const facts = { kid, bits: bitsOf(textOf(entry, "n")) };
    if (typeof read === "string") {
      reports.push({ ...facts, usable: false, reason: read });
      continue;
    }
    const jwk: Jwk = { kty: "RSA", n: read.n, e: read.e };
    const thumbprint = await jwkThumbprint(jwk);
    const identity = `${thumbprint} ${kid ?? ""}`;
    const isRepeated = seen.has(identity);
    seen.add(identity);
    reports.push({
      ...facts,
      thumbprint,
      usable: !isRepeated,
      reason: isRepeated ? "an earlier entry is the same" : undefined,
      pem: await jwkToPem(jwk),
    });
  }
  return reports;
}

function textOf(entry: unknown, member: string): string | undefined {
  const value = isJsonObject(entry) ? own(entry, member) : undefined;
  return typeof value === "string" ? value : undefined;
}

/** Counts the bits from the first one that is set (RFC 8017 section 3.1). */
function bitsOf(n: string | undefined): number | undefined {
  const bytes = n === undefined ? undefined : decodeBase64Url(n);
  const first = bytes?.findIndex((byte) => byte !== 0) ?? -1;
  if (bytes === undefined || first < 0) return undefined;
  return (bytes.length - first) * 8 - Math.clz32(bytes[first] ?? 0) + 24;
}
