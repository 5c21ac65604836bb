/** The vectors whose result differs here, by name: the verdict here, and the rule for it. */
const rules = [
  // The one algorithm is RS256. Each of these names another one, and its signature is never
  // checked.
  {
    decision: "algorithm_not_allowed",
    names: [
      "json_web_key 2 acceptsValid",
      "json_web_key 13 long_key",
      "json_web_key 14 long_key",
      "json_web_key 15 long_key",
      "json_web_signature 1 acceptsValid",
      "json_web_signature 18 acceptsValid",
      "json_web_signature 264 emptyPayload",
      "json_web_signature 265 allZeroPayload",
      "json_web_signature 266 oneBytePayload",
      "json_web_signature 267 normalPayload",
      "json_web_signature 268 emptyPayload",
      "json_web_signature 269 allZeroPayload",
      "json_web_signature 270 oneBytePayload",
      "json_web_signature 271 normalPayload",
      "json_web_signature 272 emptyPayload",
      "json_web_signature 273 allZeroPayload",
      "json_web_signature 274 oneBytePayload",
      "json_web_signature 275 normalPayload",
      "json_web_signature 287 saltIsAll0",
      "json_web_signature 288 saltIsAll1",
      "json_web_signature 320 emptyPayload",
      "json_web_signature 321 allZeroPayload",
      "json_web_signature 322 oneBytePayload",
      "json_web_signature 323 normalPayload",
      "json_web_signature 325 emptyPayload",
      "json_web_signature 326 allZeroPayload",
      "json_web_signature 327 oneBytePayload",
      "json_web_signature 328 normalPayload",
      "json_web_signature 346 Figure20",
      "json_web_signature 347 Figure27",
      "json_web_signature 348 Figure35",
      "json_web_signature 350 Figure20",
      "json_web_signature 351 Figure27",
      "json_web_signature 352 Figure35",
      "json_web_signature 357 ValidMac",
      "json_web_signature 358 ValidEdgeCaseMac",
      "json_web_signature 359 ValidEdgeCaseMac",
      "json_web_signature 373 InvalidCharacterInsertedInPayload",
      "json_web_signature 376 ValidSpacesInJsonHeader",
      "json_web_signature 377 ValidWhiteSpaceInJsonHeader",
      "json_web_signature 378 valid",
    ],
  },
  // A character outside base64url (RFC 4648 section 5) is not skipped.
  {
    decision: "token_malformed",
    names: ["json_web_signature 372 InvalidCharacterInsertedInHeader"],
  },
  // The NULL in the DigestInfo is required (RFC 8017 section 9.2, note 1); without it a verifier "may" accept.
  {
    decision: "signature_invalid",
    names: [
      "rsa_signature_2048_sha256 8 Missing NULL in the ASN encoding",
      "rsa_signature_3072_sha256 8 Missing NULL in the ASN encoding",
      "rsa_signature_4096_sha256 8 Missing NULL in the ASN encoding",
    ],
  },
  // A prime with the ROCA flaw (CVE-2017-15361) is not searched for: the issuer is trusted to
  // publish sound keys, and withdraws a weak key.
  {
    decision: "accepted",
    names: ["json_web_key 7 rejectsKeyWithRocaVulnerability"],
  },
];

export const differences = new Map(
  rules.flatMap(({ decision, names }) => names.map((name) => [name, decision])),
);
