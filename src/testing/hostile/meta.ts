import { type ClaimOverrides, metaClaims } from "../claims.ts";
import type { Attacks } from "./forge.ts";

const HANDED_OUT =
  "Access gives this token to every visitor who is not logged in, in the address of the log-in page. It names the application's audience, but no user";
const RULE = "A token of one kind must not pass for another (RFC 8725 section 3.12).";

/**
 * The `meta` token in every form that was seen, and in forms that fewer checks refuse. It is likely, but
 * not proven, that the keys of the certs endpoint sign the real one. Here they do.
 */
export const metaAttacks: Attacks = async function* (forge) {
  const { issuer, audience, now, claims, serviceName, signed } = forge;
  const { email, sub } = claims;
  const service = { common_name: serviceName, sub: "" };
  const shapes: readonly (readonly [name: string, changes: ClaimOverrides, what: string])[] = [
    ["", {}, "It has no issuer"],
    ["-without-exp", { exp: undefined }, "It has no issuer and no expiry"],
    ["-without-type", { type: undefined }, "It has no issuer and no type"],
    ["-with-a-person", { email, sub }, "This is true even if it also names a user"],
    ["-with-a-service", service, "This is true even if it also names a service"],
    ["-with-issuer", { iss: issuer }, "This is true even if it has an issuer"],
    [
      "-with-issuer-without-exp",
      { iss: issuer, exp: undefined },
      "This is true even if it has an issuer, and it has no expiry",
    ],
    [
      "-with-issuer-without-type",
      { iss: issuer, type: undefined },
      "This is true even if it has an issuer and no type",
    ],
    [
      "-with-issuer-and-list",
      { iss: issuer, aud: [audience] },
      "This is true even if it has an issuer and a list of audiences",
    ],
    [
      "-with-issuer-and-person",
      { iss: issuer, email, sub },
      "This is true even if it has an issuer and also names a user",
    ],
    [
      "-with-issuer-and-service",
      { iss: issuer, ...service },
      "This is true even if it has an issuer and also names a service",
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
