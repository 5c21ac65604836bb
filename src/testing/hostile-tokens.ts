import { mistake, readOptions } from "../caller-mistakes.ts";
import { algorithmAttacks } from "./hostile/algorithm.ts";
import { audienceAttacks } from "./hostile/audience.ts";
import { createForge, type HostileToken, type Target } from "./hostile/forge.ts";
import { headerAttacks } from "./hostile/header.ts";
import { hmacAttacks } from "./hostile/hmac.ts";
import { issuerAttacks } from "./hostile/issuer.ts";
import { jsonAttacks } from "./hostile/json.ts";
import { keyAttacks } from "./hostile/key.ts";
import { kidAttacks } from "./hostile/kid.ts";
import { metaAttacks } from "./hostile/meta.ts";
import { purposeAttacks } from "./hostile/purpose.ts";
import { signatureAttacks } from "./hostile/signature.ts";
import { spellingAttacks } from "./hostile/spelling.ts";
import { structureAttacks } from "./hostile/structure.ts";
import { timeAttacks } from "./hostile/time.ts";

/** How the tokens are to reach the guard. */
export interface HostileOptions {
  /**
   * `"header"`: only tokens that an HTTP field carries unchanged, to be sent to a running application.
   * `"string"`: also those with control characters and letters beyond Latin-1, which a guard may meet
   * in a decoded cookie or a JSON body. `"header"`
   */
  carrier?: "header" | "string" | undefined;
}

const FAMILIES = [
  algorithmAttacks,
  hmacAttacks,
  keyAttacks,
  kidAttacks,
  headerAttacks,
  signatureAttacks,
  audienceAttacks,
  issuerAttacks,
  timeAttacks,
  purposeAttacks,
  metaAttacks,
  structureAttacks,
  jsonAttacks,
  spellingAttacks,
];

/** A field value as it arrives: no control character but the tab (RFC 9110 section 5.5). */
const FIELD_VALUE = /^[\t\x20-\x7e\x80-\xff]*$/;

/** Makes every hostile token there is, in a fixed order. */
export async function forgeHostileTokens(
  target: Target,
  options: HostileOptions = {},
): Promise<HostileToken[]> {
  const { carrier = "header" } = readOptions<HostileOptions>(options, ["carrier"]);
  if (carrier !== "header" && carrier !== "string") {
    throw mistake("carrier", '"header" or "string"', carrier);
  }
  const forge = await createForge(target);
  const tokens: HostileToken[] = [];
  for (const family of FAMILIES) {
    for await (const attack of family(forge)) {
      if (carrier === "string" || FIELD_VALUE.test(attack.token)) tokens.push(attack);
    }
  }
  return tokens;
}

export type { HostileToken } from "./hostile/forge.ts";
