import type { Attacks } from "./forge.ts";

/** Tokens whose iss is not exactly the issuer (RFC 7519 section 4.1.1, RFC 8725 section 3.8). */
export const issuerAttacks: Attacks = async function* ({ issuer, claims, signed }) {
  const { protocol, host, hostname, port } = new URL(issuer);
  const [label = "", ...domain] = hostname.split(".");
  const otherProtocol = protocol === "https:" ? "http:" : "https:";
  const otherPort = port === "" ? "443" : "1";
  const misses: readonly (readonly [name: string, iss: unknown, what: string])[] = [
    ["missing", undefined, "It has no issuer"],
    ["null", null, "The issuer is null"],
    ["true", true, "The issuer is a boolean"],
    ["empty", "", "The issuer is empty, and every string contains the empty string"],
    ["array", [issuer], "The issuer is in an array, which converts to the issuer as a string"],
    ["object", { iss: issuer }, "The issuer is an object"],
    ["trailing-slash", `${issuer}/`, "A slash follows the issuer"],
    ["trailing-dot", `${protocol}//${hostname}.`, "A dot follows the host name"],
    ["trailing-space", `${issuer} `, "A space follows the issuer"],
    ["trailing-nul", `${issuer}\0`, "A NUL follows the issuer, and strings in C end there"],
    ["upper-case", issuer.toUpperCase(), "The issuer is in upper case"],
    ["protocol", issuer.replace(protocol, otherProtocol), "The protocol is different"],
    ["without-protocol", host, "It is only the host"],
    ["port", `${protocol}//${hostname}:${otherPort}`, "It has a port"],
    ["userinfo", `${protocol}//attacker@${host}`, "Userinfo comes before the host"],
    [
      "as-userinfo",
      `${protocol}//${host}@attacker.example`,
      "The host is the attacker's, and the issuer is only the userinfo",
    ],
    ["subdomain", `${protocol}//attacker.${host}`, "The host is a subdomain of the issuer's host"],
    [
      "suffix",
      `${issuer}.attacker.example`,
      "The attacker's host name only starts with the issuer",
    ],
    [
      "prefix",
      `https://attacker.example/${issuer}`,
      "The attacker's URL only ends with the issuer",
    ],
    ["path", `${issuer}/cdn-cgi/access`, "A path follows the issuer"],
    ["query", `${issuer}?iss=${issuer}`, "A query follows the issuer"],
    ["percent", issuer.replaceAll(".", "%2E"), "The dots are percent-encoded"],
    [
      "pattern",
      issuer.replaceAll(".", "x"),
      "The dots are replaced by letters, and a dot in a pattern matches any letter",
    ],
    [
      "other-team",
      `${protocol}//${[`${label}-2`, ...domain].join(".")}`,
      "It is another team of the same provider",
    ],
    ["cut", issuer.slice(0, -1), "The last character is missing"],
    [
      "sso-application",
      `${issuer}/cdn-cgi/access/sso/oidc/0`,
      "Another issuer of the same team made it, for a SaaS application",
    ],
  ];
  for (const [name, iss, what] of misses) {
    // Some of these equal the issuer if its host has no dot.
    if (iss === issuer) continue;
    yield {
      name: `iss-${name}`,
      token: await signed({ ...claims, iss }),
      why: `${what}. The issuer must equal the configured one, character by character (RFC 7519 section 4.1.1, RFC 8725 section 3.8).`,
    };
  }
};
