import { type ClaimOverrides, evaluationClaims, orgClaims, serviceClaims } from "../claims.ts";
import type { Attacks } from "./forge.ts";

const LOGOUT = "http://schemas.openid.net/event/backchannel-logout";

/** Genuine tokens of the issuer for another purpose (RFC 8725 sections 2.8 and 3.12). */
export const purposeAttacks: Attacks = async function* (forge) {
  const { issuer, audience, elsewhere, orgAudience, serviceName, now, claims, signed } = forge;
  const dates = { iat: claims["iat"], nbf: claims["nbf"] };
  const org = await orgClaims({ issuer, audience: orgAudience, now }, dates);
  const family =
    "the issuer and the key are the same, so only type and audience show the difference (RFC 8725 section 3.12)";
  yield {
    name: "org-token",
    token: await signed(org),
    why: `It is the token of the team domain, not of the application: ${family}.`,
  };
  yield {
    name: "org-token-for-the-application",
    token: await signed({ ...org, aud: [audience] }),
    why: `Its type says that it is the token of the team domain, even with this audience: ${family}.`,
  };
  yield {
    name: "org-token-for-both",
    token: await signed({ ...org, aud: [orgAudience, audience] }),
    why: `Its type says that it is the token of the team domain, even with this audience: ${family}.`,
  };
  yield {
    name: "service-token-of-another-application",
    token: await signed(serviceClaims({ issuer, audience: elsewhere, now }, serviceName)),
    why: "It is a service's token for another application: the audience must be checked for services, too (RFC 7519 section 4.1.3, RFC 8725 section 3.9).",
  };
  const evaluation = evaluationClaims({ issuer, audience, now });
  const question =
    "It asks an external endpoint whether to let a user in, so it is not a session (RFC 8725 section 3.12)";
  yield {
    name: "external-evaluation",
    token: await signed({ ...evaluation, iss: undefined }),
    why: `${question}.`,
  };
  yield {
    name: "external-evaluation-with-issuer",
    token: await signed(evaluation),
    why: `${question}, even with an issuer.`,
  };
  yield {
    name: "external-evaluation-for-the-application",
    token: await signed({ ...evaluation, aud: [audience] }),
    why: `${question}, even with an issuer and the application's audience.`,
  };
  const event: ClaimOverrides = {
    ...{ ...claims, type: undefined, email: undefined, identity_nonce: undefined },
    ...{ jti: "1", events: { [LOGOUT]: {} } },
  };
  yield {
    name: "log-out-token",
    token: await signed(event, { typ: "logout+jwt" }),
    why: "It ends a session and must not start one (OpenID Connect Back-Channel Logout section 2.4, RFC 8725 section 3.11).",
  };
  yield {
    name: "security-event-token",
    token: await signed({ ...event, exp: undefined }, { typ: "secevent+jwt" }),
    why: "It reports an event about a session, so it is not a session itself (RFC 8417 section 2.3, RFC 8725 section 3.11).",
  };
};
