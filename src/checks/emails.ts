import type { Principal } from "../access/principal.ts";
import { mistake } from "../caller-mistakes.ts";
import { ofTeam, type PrincipalCheck, stringsOption, type TeamOption } from "./principals.ts";

/**
 * Allows users with one of these addresses, or with an address in one of these domains. A domain must be
 * equal: `"acme.com"` matches neither `"mail.acme.com"` nor `"evil-acme.com"`. The case of ASCII letters is
 * ignored, and no other letter matches an ASCII letter.
 *
 * @param allowed addresses (`"ceo@acme.com"`) and domains (`"acme.com"` or `"@acme.com"`)
 * @throws {TypeError} at once, when an entry is neither an address nor a domain, or an option is wrong
 *
 * @example
 * ```ts
 * import { createVerifier } from "postern";
 * import { allowEmails } from "postern/checks";
 *
 * const verifier = createVerifier([
 *   { team: "acme", audience: "aud-of-portal", check: allowEmails(["acme.com", "ada@example.com"]) },
 *   { team: "globex", audience: "aud-of-portal-there", check: allowEmails("globex.com", { team: "globex" }) },
 * ]);
 * ```
 */
export function allowEmails(
  allowed: string | readonly string[],
  options?: TeamOption,
): PrincipalCheck {
  const addresses = new Set<string>();
  const domains = new Set<string>();
  for (const entry of stringsOption("allowed", allowed)) {
    const [, local, domain = ""] = /^(?:([^\s@*]+)@|@)?([^\s@*,;"'`]+)$/.exec(entry) ?? [];
    if (!/^[^.]+(?:\.[^.]+)*$/.test(domain)) {
      throw mistake("allowed", "addresses or domains, one in each string", entry);
    }
    if (local === undefined) domains.add(lower(domain));
    else addresses.add(lower(entry));
  }
  return ofTeam<{ readonly principal: Principal }>(({ principal }) => {
    if (principal.kind !== "user") return false;
    const email = lower(principal.email);
    const [local, domain, ...rest] = email.split("@");
    // With two @, different programs could read different domains.
    if (local === "" || domain === undefined || rest.length > 0) return false;
    return addresses.has(email) || domains.has(domain);
  }, options);
}

/** Not `toLowerCase` on all, which would change the Kelvin sign to "k". */
function lower(text: string): string {
  return text.replace(/[A-Z]/g, (letter) => letter.toLowerCase());
}
