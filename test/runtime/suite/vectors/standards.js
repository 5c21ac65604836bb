import { equal, ok, refused } from "../assert.js";
import { privateJwks, publicJwk } from "../keys.js";
import { ACCEPTED, decide, part, verifierOf } from "./signed.js";

const utf8 = new TextEncoder();

// RFC 7515 appendix A.1.1, also RFC 7519 section 3.1
const JOE =
  "eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ";
const ES256_SIGNATURE =
  "DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q";
const RS256_SIGNATURE =
  "cC4hiUPoj9Eetdgtv3hF80EGrhuB__dzERat0XF9g2VtQgr9PJbu3XOiZj5RZmh7AAuHIm4Bh-0Qc_lF5YKt_O8W2Fp5jujGbds9uJdbF9CUAr7t1dnZcAcQjbKBYNX4BAynRFdiuB--f_nZLgrnbyTyWzO75vRK5h6xBArLIARNPvkSjtQBMHlb1L07Qe7K0GarZRmB_eSN9383LcOLn6_dO--xi12jzDwusC-eOkHWEsqtFZESc6BfI7noOPqvhJ1phCnvWh6IeYI2w9QOYEUipUTI8np6LbgGY9Fs98rqVt5AXLIhWkWywlVmtVrBp0igcN_IoypGlUPQGe77Rw";
// RFC 7520 section 4: the same text, signed in different ways
const FRODO =
  "SXTigJlzIGEgZGFuZ2Vyb3VzIGJ1c2luZXNzLCBGcm9kbywgZ29pbmcgb3V0IHlvdXIgZG9vci4gWW91IHN0ZXAgb250byB0aGUgcm9hZCwgYW5kIGlmIHlvdSBkb24ndCBrZWVwIHlvdXIgZmVldCwgdGhlcmXigJlzIG5vIGtub3dpbmcgd2hlcmUgeW91IG1pZ2h0IGJlIHN3ZXB0IG9mZiB0by4";
const BILBO = {
  RS256:
    "MRjdkly7_-oTPTS3AXP41iQIGKa80A0ZmTuV5MEaHoxnW2e5CZ5NlKtainoFmKZopdHM1O2U4mwzJdQx996ivp83xuglII7PNDi84wnB-BDkoBwA78185hX-Es4JIwmDLJK3lfWRa-XtL0RnltuYv746iYTh_qHRD68BNt1uSNCrUCTJDt5aAE6x8wW1Kt9eRo4QPocSadnHXFxnt8Is9UzpERV0ePPQdLuW3IS_de3xyIrDaLGdjluPxUAhb6L2aXic1U12podGU0KLUQSE_oI-ZnmKJ3F4uOZDnd6QZWJushZ41Axf_fcIe8u9ipH84ogoree7vjbU5y18kDquDg",
  PS384:
    "cu22eBqkYDKgIlTpzDXGvaFfz6WGoz7fUDcfT0kkOy42miAh2qyBzk1xEsnk2IpN6-tPid6VrklHkqsGqDqHCdP6O8TTB5dDDItllVo6_1OLPpcbUrhiUSMxbbXUvdvWXzg-UD8biiReQFlfz28zGWVsdiNAUf8ZnyPEgVFn442ZdNqiVJRmBqrYRXe8P_ijQ7p8Vdz0TTrxUeT3lm8d9shnr2lfJT8ImUjvAA2Xez2Mlp8cBE5awDzT0qI0n6uiP1aCN_2_jLAeQTlqRHtfa64QQSUmFAAjVKPbByi7xho0uTOcbH510a6GYmJUAfmWjwZ6oD4ifKo8DYM-X72Eaw",
  ES512:
    "AE_R_YZCChjn4791jSQCrdPZCNYqHXCTZH0-JZGYNlaAjP2kqaluUIIUnC9qvbu9Plon7KRTzoNEuT4Va2cmL1eJAQy3mtPBu_u_sDDyYjnAMDxXPn7XrT0lw-kvAD890jl8e2puQens_IEKBpHABlsbEPX6sFY8OcGDqoRuBomu9xQ2",
  HS256: "s0h6KThzkfBBBkLspW1h84VsJZFTsPPqMDA7g1Md7p0",
};
const BAGGINS = "bilbo.baggins@hobbiton.example";
const HMAC_KID = "018c0ae5-4d9b-471b-bfd6-eef314bc7037";
const AGENT =
  "eyJhbGciOiJSU0ExXzUiLCJlbmMiOiJBMTI4Q0JDLUhTMjU2In0.QR1Owv2ug2WyPBnbQrRARTeEk9kDO2w8qDcjiHnSJflSdv1iNqhWXaKH4MqAkQtMoNfABIPJaZm0HaA415sv3aeuBWnD8J-Ui7Ah6cWafs3ZwwFKDFUUsWHSK-IPKxLGTkND09XyjORj_CHAgOPJ-Sd8ONQRnJvWn_hXV1BNMHzUjPyYwEsRhDhzjAD26imasOTsgruobpYGoQcXUwFDn7moXPRfDE8-NoQX7N7ZYMmpUDkR-Cx9obNGwJQ3nM52YCitxoQVPzjbl7WBuB7AohdBoZOdZ24WlN1lVIeh8v1K4krB8xgKvRU8kgFrEn_a1rZgN5TiysnmzTROF869lQ.AxY8DCtDaGlsbGljb3RoZQ.MKOle7UQrG6nSxTLX6Mqwt0orbHvAKeWnDYvpIAeZ72deHxz3roJDXQyhxx0wKaMHDjUEOKIwrtkHthpqEanSBNYHZgmNOV7sln1Eu9g3J8.fiK51VwhsxJ-siBMR-YFiA";
const NESTED =
  "eyJhbGciOiJSU0ExXzUiLCJlbmMiOiJBMTI4Q0JDLUhTMjU2IiwiY3R5IjoiSldUIn0.g_hEwksO1Ax8Qn7HoN-BVeBoa8FXe0kpyk_XdcSmxvcM5_P296JXXtoHISr_DD_MqewaQSH4dZOQHoUgKLeFly-9RI11TG-_Ge1bZFazBPwKC5lJ6OLANLMd0QSL4fYEb9ERe-epKYE3xb2jfY1AltHqBO-PM6j23Guj2yDKnFv6WO72tteVzm_2n17SBFvhDuR9a2nHTE67pe0XGBUS_TK7ecA-iVq5COeVdJR4U4VZGGlxRGPLRHvolVLEHx6DYyLpw30Ay9R6d68YCLi9FYTq3hIXPK_-dmPlOUlKvPr1GgJzRoeC9G5qCvdcHWsqJGTO_z3Wfo5zsqwkxruxwA.UmVkbW9uZCBXQSA5ODA1Mg.VwHERHPvCNcHHpTjkoigx3_ExK0Qc71RMEParpatm0X_qpg-w8kozSjfNIPPXiTBBLXR65CIPkFqz4l1Ae9w_uowKiwyi9acgVztAi-pSL8GQSXnaamh9kX1mdh3M_TT-FZGQFQsFhu0Z72gJKGdfGE-OE7hS1zuBD5oEUfk0Dmb0VzWEzpxxiSSBbBAzP10l56pPfAtrjEYw-7ygeMkwBl6Z_mLS6w6xUgKlvW6ULmkV-uLC4FUiyKECK4e3WZYKw1bpgIqGYsw2v_grHjszJZ-_I5uM-9RA8ycX9KqPRp9gc6pXmoU_-27ATs9XCvrZXUtK2902AUzqpeEUJYjWWxSNsS-r1TJ1I-FMJ4XyAiGrfmo9hQPcNBYxPz3GQb28Y5CLSQfNgKSGt0A4isp1hBUXBHAndgtcslt7ZoQJaKe_nNJgNliWtWpJ_ebuOpEl8jdhehdccnRMIwAmU1n7SPkmhIl1HlSOpvcvDfhUN5wuqU955vOBvfkBOh5A11UzBuo2WlgZ6hYi9-e3w29bR0C2-pp3jbqxEDw3iWaf2dc5b-LnR0FEYXvI_tYk5rd_J9N0mg0tQ6RbpxNEMNoA9QWk5lgdPvbh9BaO195abQ.AVO9iT5AV4CzvDJCdhSFlQ";

const HMAC_KEY = {
  kty: "oct",
  k: "AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow",
};
// RFC 7520 section 3.1
const EC_KEY = {
  kty: "EC",
  kid: BAGGINS,
  use: "sig",
  crv: "P-521",
  x: "AHKZLLOsCOzz5cY97ewNUajB957y-C-U88c3v13nmGZx6sYl_oJXu9A5RkTKqjqvjyekWF-7ytDyRXYgCF5cj0Kt",
  y: "AdymlHvOiLxXkEhayXQnNCvDX4h9htZaCJN34kfmC6pV5OhQHiraVySsUdaQkAgDPrwQrJmbnX9cwlGfP-HqHZR1",
};
// RFC 7517 appendix B
const CERTIFIED_KEY = {
  kty: "RSA",
  use: "sig",
  kid: "1b94c",
  n: "vrjOfz9Ccdgx5nQudyhdoR17V-IubWMeOZCwX_jj0hgAsz2J_pqYW08PLbK_PdiVGKPrqzmDIsLI7sA25VEnHU1uCLNwBuUiCO11_-7dYbsr4iJmG0Qu2j8DsVyT1azpJC_NG84Ty5KKthuCaPod7iI7w0LK9orSMhBEwwZDCxTWq4aYWAchc8t-emd9qOvWtVMDC2BXksRngh6X5bUYLy6AyHKvj-nUy1wgzjYQDwHMTplCoLtU-o-8SNnZ1tmRoGE9uJkBLdh5gFENabWnU5m1ZqZPdwS-qo-meMvVfJb6jJVWRpl2SUtCnYG2C32qvbWbjZ_jBPD5eunqsIo1vQ",
  e: "AQAB",
  x5c: [
    "MIIDQjCCAiqgAwIBAgIGATz/FuLiMA0GCSqGSIb3DQEBBQUAMGIxCzAJBgNVBAYTAlVTMQswCQYDVQQIEwJDTzEPMA0GA1UEBxMGRGVudmVyMRwwGgYDVQQKExNQaW5nIElkZW50aXR5IENvcnAuMRcwFQYDVQQDEw5CcmlhbiBDYW1wYmVsbDAeFw0xMzAyMjEyMzI5MTVaFw0xODA4MTQyMjI5MTVaMGIxCzAJBgNVBAYTAlVTMQswCQYDVQQIEwJDTzEPMA0GA1UEBxMGRGVudmVyMRwwGgYDVQQKExNQaW5nIElkZW50aXR5IENvcnAuMRcwFQYDVQQDEw5CcmlhbiBDYW1wYmVsbDCCASIwDQYJKoZIhvcNAQEBBQADggEPADCCAQoCggEBAL64zn8/QnHYMeZ0LncoXaEde1fiLm1jHjmQsF/449IYALM9if6amFtPDy2yvz3YlRij66s5gyLCyO7ANuVRJx1NbgizcAblIgjtdf/u3WG7K+IiZhtELto/A7Fck9Ws6SQvzRvOE8uSirYbgmj6He4iO8NCyvaK0jIQRMMGQwsU1quGmFgHIXPLfnpnfajr1rVTAwtgV5LEZ4Iel+W1GC8ugMhyr4/p1MtcIM42EA8BzE6ZQqC7VPqPvEjZ2dbZkaBhPbiZAS3YeYBRDWm1p1OZtWamT3cEvqqPpnjL1XyW+oyVVkaZdklLQp2Btgt9qr21m42f4wTw+Xrp6rCKNb0CAwEAATANBgkqhkiG9w0BAQUFAAOCAQEAh8zGlfSlcI0o3rYDPBB07aXNswb4ECNIKG0CETTUxmXl9KUL+9gGlqCz5iWLOgWsnrcKcY0vXPG9J1r9AqBNTqNgHq2G03X09266X5CpOe1zFo+Owb1zxtp3PehFdfQJ610CDLEaS9V9Rqp17hCyybEpOGVwe8fnk+fbEL2Bo3UPGrpsHzUoaGpDftmWssZkhpBJKVMJyf/RuP2SmmaIzmnw9JiSlYhzo4tpzd5rFXhjRbg4zW9C+2qok+2+qDM1iJ684gPHMIY8aLWrdgQTxkumGmTqgawR+N5MDtdPTEQ0XfIBc2cJEUyMTY5MPvACWpkA6SdS4xSvdXK3IVfOWA==",
  ],
};

const refuses =
  (code, ...tokens) =>
  async (postern) => {
    const { verify } = verifierOf(postern, [HMAC_KEY, EC_KEY, publicJwk("next", { kid: BAGGINS })]);
    for (const token of tokens) await refused(verify(token), code);
  };
const refusesAlgorithm = (...tokens) => refuses("algorithm_not_allowed", ...tokens);

/** Accepts a signature, and refuses it with one bit changed. */
const takes = (keys, header, payload, signature) => async (postern) => {
  const signed = { keys, header, message: utf8.encode(`${header}.${payload}`) };
  equal(await decide(postern, { ...signed, signature }), ACCEPTED);
  const other = (signature.startsWith("A") ? "B" : "A") + signature.slice(1);
  equal(await decide(postern, { ...signed, signature: other }), "signature_invalid");
};

const imports =
  (jwk) =>
  async ({ importJwk }) => {
    equal((await importJwk(jwk)).type, "public");
  };

const importsNone =
  (...keys) =>
  async ({ importJwk, createStaticKeySet }) => {
    for (const jwk of keys) {
      const error = await importJwk(jwk).catch((reason) => reason);
      ok(error instanceof TypeError, "it rejects with a TypeError");
    }
    let error;
    try {
      createStaticKeySet({ keys });
    } catch (thrown) {
      error = thrown;
    }
    ok(error instanceof TypeError, "no set is made of them");
  };

/** The examples of the standards, each as a title and a case, which receives the library. */
export const standards = {
  "RFC 7515 appendix A.1: refuses HS256": refusesAlgorithm(
    `eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9.${JOE}.dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk`,
  ),
  "RFC 7515 appendix A.2: takes RS256": takes(
    [publicJwk("previous", { kid: undefined })],
    "eyJhbGciOiJSUzI1NiJ9",
    JOE,
    RS256_SIGNATURE,
  ),
  "RFC 7515 appendix A.3: refuses ES256": refusesAlgorithm(
    `eyJhbGciOiJFUzI1NiJ9.${JOE}.${ES256_SIGNATURE}`,
  ),
  "RFC 7515 appendix A.4: refuses ES512": refusesAlgorithm(
    "eyJhbGciOiJFUzUxMiJ9.UGF5bG9hZA.AdwMgeerwtHoh-l192l60hp9wAHZFVJbLfD_UxMi70cwnZOYaRI1bKPWROc-mZZqwqT2SI-KGDKB34XO0aw_7XdtAG8GaSwFKdCAPZgoXD2YBJZCPEX3xKpRwcdOO8KpEHwJjyqOgzDO7iKvU8vcnwNrmxYbSW9ERBXukOXolLzeO_Jn",
  ),
  "RFC 7515 appendix A.5, RFC 7519 section 6.1: refuses an unsigned token": refusesAlgorithm(
    `eyJhbGciOiJub25lIn0.${JOE}.`,
  ),
  "RFC 7515 appendix A.6 and A.7: refuses the JSON serializations": refuses(
    "token_malformed",
    ...[
      {
        payload: JOE,
        signatures: [
          {
            protected: "eyJhbGciOiJSUzI1NiJ9",
            header: { kid: "2010-12-29" },
            signature: RS256_SIGNATURE,
          },
          {
            protected: "eyJhbGciOiJFUzI1NiJ9",
            header: { kid: "e9bc097a-ce51-4036-9562-d2ade882db0d" },
            signature: ES256_SIGNATURE,
          },
        ],
      },
      {
        payload: JOE,
        protected: "eyJhbGciOiJFUzI1NiJ9",
        header: { kid: "e9bc097a-ce51-4036-9562-d2ade882db0d" },
        signature: ES256_SIGNATURE,
      },
    ].flatMap((document) => [document, JSON.stringify(document)]),
  ),

  "RFC 7517 appendix A.1: imports the RSA key of a set": imports(
    publicJwk("current", { kid: "2011-04-29", use: undefined }),
  ),
  "RFC 7517 appendix A.1: skips its EC key": importsNone({
    kty: "EC",
    crv: "P-256",
    x: "MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D4",
    y: "4Etl6SRW2YiLUrN5vfvVHuhp7x8PxltmWWlbbM4IFyM",
    use: "enc",
    kid: "1",
  }),
  "RFC 7517 appendix A.2: imports no private key": importsNone({
    ...privateJwks.current,
    alg: "RS256",
    kid: "2011-04-29",
  }),
  "RFC 7517 appendix A.3: imports no symmetric key": importsNone(
    { kty: "oct", alg: "A128KW", k: "GawgguFyGrWKav7AX4VKUg" },
    { ...HMAC_KEY, kid: "HMAC key used in JWS spec Appendix A.1 example" },
  ),
  "RFC 7517 appendix B: imports a key beside its certificate": imports(CERTIFIED_KEY),

  "RFC 7519 appendix A.1: refuses an encrypted token": refuses("token_malformed", AGENT),
  "RFC 7519 appendix A.2: refuses a nested token": refuses("token_malformed", NESTED),

  "RFC 7520 section 3.1: imports no EC key": importsNone(EC_KEY),
  "RFC 7520 section 3.3: imports an RSA key": imports(
    publicJwk("next", { kid: BAGGINS, alg: undefined }),
  ),
  "RFC 7520 section 3.4: imports no private key": importsNone({
    ...privateJwks.next,
    kid: BAGGINS,
    use: "sig",
  }),
  "RFC 7520 section 3.5: imports no symmetric key": importsNone({
    kty: "oct",
    kid: HMAC_KID,
    use: "sig",
    alg: "HS256",
    k: "hJtXIZ2uSN5kbQfbtTNWbpdmhkV8FJG-Onbc6mxCcYg",
  }),
  "RFC 7520 section 4.1: takes RS256": takes(
    [publicJwk("next", { kid: BAGGINS, alg: undefined })],
    part({ alg: "RS256", kid: BAGGINS }),
    FRODO,
    BILBO.RS256,
  ),
  "RFC 7520 section 4.2: refuses PS384": refusesAlgorithm(
    `${part({ alg: "PS384", kid: BAGGINS })}.${FRODO}.${BILBO.PS384}`,
  ),
  "RFC 7520 section 4.3: refuses ES512": refusesAlgorithm(
    `${part({ alg: "ES512", kid: BAGGINS })}.${FRODO}.${BILBO.ES512}`,
  ),
  "RFC 7520 section 4.4: refuses HS256": refusesAlgorithm(
    `${part({ alg: "HS256", kid: HMAC_KID })}.${FRODO}.${BILBO.HS256}`,
  ),
  "RFC 7520 section 4.5: refuses a signature without its payload": refusesAlgorithm(
    `${part({ alg: "HS256", kid: HMAC_KID })}..${BILBO.HS256}`,
  ),

  async "RFC 7638 section 3.1: gives the thumbprint"({ jwkThumbprint }) {
    const thumbprint = await jwkThumbprint(publicJwk("current", { kid: "2011-04-29" }));
    equal(thumbprint, "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs");
  },

  "RFC 7797 section 4: refuses HS256, encoded or not": refusesAlgorithm(
    "eyJhbGciOiJIUzI1NiJ9.JC4wMg.5mvfOroL-g7HyqJoozehmsaqmvTYGEq5jTI1gVvoEoQ",
    "eyJhbGciOiJIUzI1NiIsImI2NCI6ZmFsc2UsImNyaXQiOlsiYjY0Il19..A5dxf2s96_n5FLueVuW1Z_vh161FwXZC4YLPff6dmDY",
  ),
  "RFC 7797 section 6: refuses a payload that is not encoded": refuses(
    "header_unsupported",
    ...[{ b64: false, crit: ["b64"] }, { b64: false }, { b64: true, crit: ["b64"] }].map(
      (members) => `${part({ alg: "RS256", ...members })}.${JOE}.${RS256_SIGNATURE}`,
    ),
  ),
};
