import { type ClaimOverrides, metaClaims } from "../claims.ts";
import type { Attacks } from "./forge.ts";

const HANDED_OUT =
  "It is what Access gives to every visitor who is not logged in, in the address of the log-in page. It names the application's audience and no person";
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
    ["", {}, "It has no issuer"],
    ["-without-exp", { exp: undefined }, "It has no issuer, and does not expire"],
    ["-without-type", { type: undefined }, "It has no issuer, and not even a type"],
    ["-with-a-person", { email, sub }, "A person in it changes nothing"],
    ["-with-a-service", service, "A service in it changes nothing"],
    ["-with-issuer", { iss: issuer }, "An issuer in it changes nothing"],
    [
      "-with-issuer-without-exp",
      { iss: issuer, exp: undefined },
      "An issuer in it changes nothing, and it does not expire",
    ],
    [
      "-with-issuer-without-type",
      { iss: issuer, type: undefined },
      "An issuer in it changes nothing, nor that the type is absent",
    ],
    [
      "-with-issuer-and-list",
      { iss: issuer, aud: [audience] },
      "An issuer and a list of audiences in it change nothing",
    ],
    [
      "-with-issuer-and-person",
      { iss: issuer, email, sub },
      "An issuer and a person in it change nothing",
    ],
    [
      "-with-issuer-and-service",
      { iss: issuer, ...service },
      "An issuer and a service in it change nothing",
    ],
  ];
  for (const [name, changes, what] of shapes) {
    yield {
      name: `meta-token${name}`,
      token: await signed(metaClaims({ issuer, audience, now }, changes)),
      why: `${HANDED_OUT}. ${what}. ${RULE}`,
    };
  }
};
