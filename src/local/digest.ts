import { createHash, randomBytes, timingSafeEqual } from "node:crypto";

export function sha256Hex(data: string | Uint8Array): string {
  return createHash("sha256").update(data).digest("hex");
}

export function randomHex(bytes: number): string {
  return randomBytes(bytes).toString("hex");
}

/** Compares with a secret. The time that it takes does not depend on the secret. */
export function isSecret(secret: string, given: unknown): boolean {
  const text = typeof given === "string" ? given : "";
  return timingSafeEqual(Buffer.from(sha256Hex(secret)), Buffer.from(sha256Hex(text)));
}
