/** The expected refusal of each hostile token: the code, and the claim or part that decided. */
export const REFUSALS: Readonly<Record<string, string>> = {
  algorithm_not_allowed: `
    alg-none alg-none-spelled-None alg-none-spelled-NONE alg-none-spelled-nOnE
    alg-none-with-signature alg-none-behind-rs256 alg-missing alg-empty alg-null alg-true
    alg-array alg-object alg-lower-case alg-trailing-space alg-inherited alg-rs384 alg-rs512
    alg-ps256 alg-ps512 alg-es256-embedded-key alg-es256-zero-signature alg-eddsa alg-unknown
    hmac-jwk-json hmac-jwk-members hmac-jwks-json hmac-spki-der hmac-spki-base64 hmac-spki-pem
    hmac-spki-pem-no-newline hmac-spki-pem-crlf hmac-pkcs1-der hmac-pkcs1-pem
    hmac-pkcs1-pem-no-newline hmac-modulus hmac-modulus-signed hmac-modulus-base64url
    hmac-certificate-pem hmac-certificate-base64 hmac-kid hmac-hs384-spki-pem
    hmac-hs512-spki-pem hmac-behind-rs256 hmac-empty-secret hmac-embedded-secret
    kid-path-to-an-empty-secret kid-sql-that-returns-the-secret structure-parts-swapped`,
  signature_invalid: `
    alg-rs256-signed-as-rs384 alg-rs256-signed-as-rs512 
    alg-rs256-signed-as-ps256 alg-rs256-signed-as-ps512 embedded-jwk-known-kid
    embedded-jwk-without-kid embedded-x5c-known-kid stolen-kid stolen-kid-of-the-previous-key
    kid-of-the-other-key no-kid payload-changed header-changed signature-of-another-token
    signature-empty signature-one-bit-off signature-cut signature-cut-in-half
    signature-with-zero-before signature-with-zero-behind signature-twice
    signature-plus-modulus signature-zero signature-one signature-modulus signature-all-ones
    signature-garbage-behind-the-digest signature-without-digest-info`,
  key_not_found: `
    embedded-jwk jku-of-the-attacker jku-that-looks-like-the-issuer x5u-of-the-attacker
    embedded-x5c kid-unknown kid-empty kid-path kid-sql kid-command kid-url kid-proto
    kid-constructor kid-index kid-wildcard kid-upper-case kid-prefix kid-trailing-nul
    kid-very-long`,
  "token_malformed (header)": `
    kid-is-object kid-is-array kid-is-number kid-is-null kid-is-true structure-dots-only
    structure-empty-header header-array header-string header-null header-number header-no-json
    header-trailing-text header-invalid-utf-8 spelling-trailing-newline-in-header
    spelling-byte-order-mark`,
  "header_unsupported (crit)": `
    crit-unknown-extension crit-absent-extension crit-empty crit-string crit-object b64-false`,
  "header_unsupported (b64)": `
    b64-false-not-critical`,
  "header_unsupported (zip)": `
    zip`,
  "header_unsupported (enc)": `
    enc`,
  "header_unsupported (cty)": `
    cty-jwt cty-jwt-nested`,
  "token_malformed (payload)": `
    structure-empty-payload payload-array payload-string payload-token
    payload-null payload-number payload-no-json payload-trailing-text payload-two-objects
    payload-trailing-comma payload-comment payload-single-quotes payload-nan payload-infinity
    payload-invalid-utf-8 payload-overlong-utf-8 payload-cut-utf-8 payload-utf-16
    spelling-space-after-dot spelling-byte-order-mark-inside`,
  "header_unsupported (typ)": `
    typ-access-token typ-introspection typ-proof typ-number log-out-token security-event-token`,
  "audience_mismatch (aud)": `
    aud-other aud-other-string aud-empty-array aud-empty-string aud-array-of-empty-string
    aud-case aud-cut aud-half aud-longer aud-longer-before aud-trailing-slash
    aud-trailing-space aud-trailing-nul aud-comma-joined aud-space-joined aud-json-in-string
    aud-wildcard aud-behind-another service-token-of-another-application`,
  "claim_missing (aud)": `
    aud-missing aud-inherited`,
  "claim_invalid (aud)": `
    aud-null aud-true aud-number aud-object aud-array-like aud-nested-array
    aud-array-of-objects aud-array-of-null`,
  "claim_missing (iss)": `
    iss-missing external-evaluation meta-token meta-token-without-exp meta-token-without-type meta-token-with-a-person
    meta-token-with-a-service`,
  "claim_missing (type)": `
    meta-token-with-issuer-without-type external-evaluation-with-issuer external-evaluation-for-the-application`,
  "claim_invalid (iss)": `
    iss-null iss-true iss-array iss-object`,
  "issuer_mismatch (iss)": `
    iss-empty iss-trailing-slash iss-trailing-dot iss-trailing-space iss-trailing-nul
    iss-upper-case iss-protocol iss-without-protocol iss-port iss-userinfo iss-as-userinfo
    iss-subdomain iss-suffix iss-prefix iss-path iss-query iss-percent iss-pattern
    iss-other-team iss-cut iss-sso-application iss-behind-another`,
  "token_expired (exp)": `
    exp-expired exp-zero exp-negative exp-behind-another`,
  "claim_missing (exp)": `
    exp-missing exp-inherited`,
  "claim_invalid (exp)": `
    exp-infinite exp-string exp-iso-string exp-null exp-true exp-array exp-object`,
  "claim_invalid (nbf)": `
    nbf-string nbf-null nbf-array`,
  "claim_invalid (iat)": `
    iat-string iat-null iat-array`,
  "token_not_yet_valid (nbf)": `
    nbf-in-the-future`,
  "token_not_yet_valid (iat)": `
    iat-in-the-future`,
  "token_type_mismatch (type)": `
    org-token org-token-for-the-application org-token-for-both meta-token-with-issuer
    meta-token-with-issuer-without-exp meta-token-with-issuer-and-list
    meta-token-with-issuer-and-person meta-token-with-issuer-and-service`,
  token_missing: `
    structure-empty`,
  "token_malformed (token)": `
    structure-one-part structure-two-parts structure-two-parts-alg-none structure-four-parts
    structure-trailing-dot structure-leading-dot structure-double-dot structure-flattened-json
    structure-unprotected-header structure-no-signatures structure-encrypted
    structure-encrypted-unsigned spelling-percent-encoded-dots`,
  "token_malformed (signature)": `
    spelling-padding spelling-padding-everywhere spelling-trailing-bits spelling-trailing-junk
    spelling-trailing-fragment spelling-space spelling-tab spelling-newline spelling-folded
    spelling-nul spelling-trailing-nul spelling-percent-encoded-letter spelling-wide-letter
    spelling-zero-width spelling-standard-base64`,
};

/** The reasons by name. When a token has two faults, a guard may report either first. */
export function refusalsByName(): Map<string, string[]> {
  const byName = new Map<string, string[]>();
  for (const [reason, names] of Object.entries(REFUSALS)) {
    for (const name of names.trim().split(/\s+/)) {
      byName.set(name, [...(byName.get(name) ?? []), reason]);
    }
  }
  return byName;
}
