import { type ClaimOverrides, metaClaims } from "../claims.ts";
import type { Attacks } from "./forge.ts";

const HANDED_OUT =
  "It is what Access gives to every visitor who is not logged in, in the address of the log-in page. It names the application's audience and nobody";
const RULE = "A token of one kind must not pass for another (RFC 8725 section 3.12).";

/**
 * The `meta` token in every shape that was seen, and in shapes that fall to one check less. Whether the
 * keys of the certs endpoint sign the real one is likely and not proven: here they do.
 */
export const metaAttacks: Attacks = async function* (forge) {
  const { issuer, audience, now, claims, serviceName, signed } = forge;
  const { email, sub } = claims;
  const service = { common_name: serviceName, sub: "" };
  const shapes: readonly (readonly [name: string, changes: ClaimOverrides, what: string])[] = [
    ["", {}, "no issuer, no person"],
    ["-without-exp", { exp: undefined }, "no issuer, no person, and no end"],
    ["-with-a-person", { email, sub }, "although a person stands in this one"],
    ["-with-a-service", service, "although a service stands in this one"],
    ["-with-issuer", { iss: issuer }, "although this one has an issuer"],
    [
      "-with-issuer-without-exp",
      { iss: issuer, exp: undefined },
      "although this one has an issuer, and has no end",
    ],
    [
      "-with-issuer-and-list",
      { iss: issuer, aud: [audience] },
      "although this one has an issuer, and its audience is a list",
    ],
    [
      "-with-issuer-and-person",
      { iss: issuer, email, sub },
      "although this one has an issuer and a person: its type says what it is",
    ],
    [
      "-with-issuer-and-service",
      { iss: issuer, ...service },
      "although this one has an issuer and a service: its type says what it is",
    ],
  ];
  for (const [name, changes, what] of shapes) {
    yield {
      name: `meta-token${name}`,
      token: await signed(metaClaims({ issuer, audience, now }, changes)),
      why: `${HANDED_OUT}: ${what}. ${RULE}`,
    };
  }
};
