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

/** Options for the list of hostile tokens. */
export interface HostileOptions {
  /**
   * How the tokens reach the guard. `"header"`: only tokens that an HTTP header can contain unchanged,
   * to send to a running application. `"string"`: also tokens with control characters and characters
   * outside Latin-1, which can come from a decoded cookie or a JSON body.
   *
   * @defaultValue `"header"`
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

/** A valid header value: no control characters except the tab (RFC 9110 section 5.5). */
const FIELD_VALUE = /^[\t\x20-\x7e\x80-\xff]*$/;

/** Makes all hostile tokens, in a fixed order. */
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
