import { seal } from "../compact.ts";
import type { Attacks } from "./forge.ts";
import { hmac } from "./hmac.ts";

/** Tokens that attack the lookup of the key, because the sender chooses the kid (RFC 8725 section 3.10). */
export const kidAttacks: Attacks = async function* ({ attacker, key, claims, header, forged }) {
  const swapped = key.kid.toUpperCase();
  const injections: readonly (readonly [name: string, kid: string, what: string])[] = [
    ["unknown", attacker.kid, "A kid that the issuer never published"],
    ["empty", "", "An empty kid"],
    ["path", "../../../../../../dev/null", "A kid that is the path of an empty file"],
    ["sql", "0' UNION SELECT 'attacker' -- ", "A kid that changes an SQL query"],
    ["command", "key.pem|id", "A kid that runs a command if a shell opens the file"],
    ["url", "https://attacker.example/jwks#0", "A kid that is the URL of the attacker's key"],
    ["proto", "__proto__", "A kid that is the name of the prototype of every plain object"],
    ["constructor", "constructor", "A kid that is a property of every plain object"],
    ["index", "0", "A kid that is an index into the list of keys"],
    ["wildcard", "*", "A kid that matches any key if it is used as a pattern"],
    ["upper-case", swapped, "A published kid in upper case, and a kid is case-sensitive"],
    ["prefix", key.kid.slice(0, 8), "The start of a published kid"],
    [
      "trailing-nul",
      `${key.kid}\0`,
      "A published kid with a NUL after it, and strings in C end there",
    ],
    ["very-long", "k".repeat(4096), "A kid of 4096 characters"],
  ];
  for (const [name, kid, what] of injections) {
    yield {
      name: `kid-${name}`,
      token: await forged({ kid }),
      why: `${what}, signed by the attacker. A kid may only be compared, unchanged, with the published ones (RFC 7515 section 4.1.4, RFC 8725 section 3.10).`,
    };
  }
  const shapes: readonly (readonly [name: string, kid: unknown])[] = [
    ["object", { $ne: null }],
    ["array", [key.kid]],
    ["number", 0],
    ["null", null],
    ["true", true],
  ];
  for (const [name, kid] of shapes) {
    yield {
      name: `kid-is-${name}`,
      token: await forged({ kid }),
      why: "The attacker signed it, and the kid is not a string, which it must be (RFC 7515 section 4.1.4). In a query or a lookup it may match any key (RFC 8725 section 3.10).",
    };
  }
  const emptyFile = { ...header, alg: "HS256", kid: "../../../../../../dev/null" };
  yield {
    name: "kid-path-to-an-empty-secret",
    token: await seal(emptyFile, claims, hmac("SHA-256", Uint8Array.of(0))),
    why: "The kid is the path of an empty file, and the signature is an HMAC with an empty secret. A guard that reads its key from that path accepts it (RFC 8725 section 3.10).",
  };
  const fromQuery = { ...header, alg: "HS256", kid: "0' UNION SELECT 'attacker' -- " };
  yield {
    name: "kid-sql-that-returns-the-secret",
    token: await seal(fromQuery, claims, hmac("SHA-256", "attacker")),
    why: "The kid makes a database return the attacker's secret, and the signature is an HMAC with that secret (RFC 8725 section 3.10).",
  };
};
