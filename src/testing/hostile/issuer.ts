import type { Attacks } from "./forge.ts";

/** Who issued it: string equality and nothing less (RFC 7519 section 4.1.1, RFC 8725 section 3.8). */
export const issuerAttacks: Attacks = async function* ({ issuer, claims, signed }) {
  const { protocol, host, hostname, port } = new URL(issuer);
  const [label = "", ...domain] = hostname.split(".");
  const otherProtocol = protocol === "https:" ? "http:" : "https:";
  const otherPort = port === "" ? "443" : "1";
  const misses: readonly (readonly [name: string, iss: unknown, what: string])[] = [
    ["missing", undefined, "It does not say who issued it"],
    ["null", null, "The issuer is null"],
    ["true", true, "The issuer is a boolean"],
    ["empty", "", "The issuer is empty, which every text contains"],
    ["array", [issuer], "The issuer is in an array, which turns into the name as a string"],
    ["object", { iss: issuer }, "The issuer is an object"],
    ["trailing-slash", `${issuer}/`, "A slash follows the issuer"],
    ["trailing-dot", `${protocol}//${hostname}.`, "A dot follows the host name"],
    ["trailing-space", `${issuer} `, "A space follows the issuer"],
    ["trailing-nul", `${issuer}\0`, "A NUL follows the issuer, where strings may end"],
    ["upper-case", issuer.toUpperCase(), "The issuer is in upper case"],
    ["protocol", issuer.replace(protocol, otherProtocol), "The protocol is another one"],
    ["without-protocol", host, "Only the host is named"],
    ["port", `${protocol}//${hostname}:${otherPort}`, "A port is named"],
    ["userinfo", `${protocol}//attacker@${host}`, "Userinfo comes before the host"],
    [
      "as-userinfo",
      `${protocol}//${host}@attacker.example`,
      "It is the attacker's host, and the issuer is only the userinfo",
    ],
    ["subdomain", `${protocol}//attacker.${host}`, "The host is a name below the issuer's"],
    ["suffix", `${issuer}.attacker.example`, "The issuer is only the start of the attacker's name"],
    [
      "prefix",
      `https://attacker.example/${issuer}`,
      "The issuer is only the end of the attacker's URL",
    ],
    ["path", `${issuer}/cdn-cgi/access`, "A path follows the issuer"],
    ["query", `${issuer}?iss=${issuer}`, "A query follows the issuer"],
    ["percent", issuer.replaceAll(".", "%2E"), "The dots are percent-encoded"],
    [
      "pattern",
      issuer.replaceAll(".", "x"),
      "Other letters stand where the dots are, and a dot in a pattern means any letter",
    ],
    [
      "other-team",
      `${protocol}//${[`${label}-2`, ...domain].join(".")}`,
      "It is another team of the same provider",
    ],
    ["cut", issuer.slice(0, -1), "The last letter is missing"],
    [
      "sso-application",
      `${issuer}/cdn-cgi/access/sso/oidc/0`,
      "It was issued for a SaaS application, by another issuer of the team",
    ],
  ];
  for (const [name, iss, what] of misses) {
    // A host without a dot is spelled the same by some of these.
    if (iss === issuer) continue;
    yield {
      name: `iss-${name}`,
      token: await signed({ ...claims, iss }),
      why: `${what}. The issuer must be equal, letter by letter, to the one configured (RFC 7519 section 4.1.1, RFC 8725 section 3.8).`,
    };
  }
};
