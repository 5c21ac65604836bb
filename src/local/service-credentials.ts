import type { IncomingMessage } from "node:http";
import { fieldsOf, values } from "../proxy/fields.ts";
import { isSecret, randomHex, sha256Hex } from "./digest.ts";

/** The credentials of a service: `CF-Access-Client-Id` and `CF-Access-Client-Secret`. */
export interface ServiceToken {
  readonly clientId: string;
  readonly clientSecret: string;
}

/** A service token in the format of Access since August 2026: 40 random characters and a checksum of 8. */
export function newServiceToken(): ServiceToken {
  const secret = `cfast_${randomHex(20)}`;
  return {
    clientId: `${randomHex(16)}.access`,
    clientSecret: `${secret}${sha256Hex(secret).slice(0, 8)}`,
  };
}

/**
 * Checks the service credentials of a request. If a header is there twice, or `Cf-Access-Token` is also
 * there, the result is `"unclear"`, because two programs could read different credentials.
 */
export function judgeCredentials(
  { rawHeaders }: IncomingMessage,
  { clientId, clientSecret }: ServiceToken,
): "none" | "right" | "wrong" | "unclear" {
  const fields = fieldsOf(rawHeaders);
  const ids = values(fields, "cf-access-client-id");
  const secrets = values(fields, "cf-access-client-secret");
  if (ids.length === 0 && secrets.length === 0) return "none";
  if (ids.length > 1 || secrets.length > 1 || values(fields, "cf-access-token").length > 0) {
    return "unclear";
  }
  const isId = isSecret(clientId, ids[0]);
  return isSecret(clientSecret, secrets[0]) && isId ? "right" : "wrong";
}
