import { X509Certificate } from "node:crypto";
import { isJsonObject, type JsonObject } from "../encoding/json.ts";
import { own } from "../own.ts";

/** When a key's certificate starts, in ms since the epoch: Access shows one with each key. */
export function certifiedAt(document: JsonObject, kid: string | undefined): number | undefined {
  const certificates = own(document, "public_certs");
  if (kid === undefined || !Array.isArray(certificates)) return undefined;
  const found = certificates.find((one) => isJsonObject(one) && own(one, "kid") === kid);
  try {
    return Date.parse(new X509Certificate(String(own(found, "cert"))).validFrom);
  } catch {
    // It verifies nothing: if it is broken, only its date is missing.
    return undefined;
  }
}
