import type { HostileToken } from "../testing/hostile/forge.ts";
import type { Forgeries } from "./forgeries.ts";
import {
  CERTIFICATES,
  IDENTITY,
  NAMING_COOKIES,
  ROLES,
  SAYING,
  SAYING_COOKIES,
  SECRETS,
} from "./trusted-names.ts";
import type { Family, Field, Knock, Sent } from "./types.ts";

export const ASSERTION = "Cf-Access-Jwt-Assertion";
export const COOKIE = "CF_Authorization";
export const EMAIL = "Cf-Access-Authenticated-User-Email";

export function get(target: string, ...headers: readonly Field[]): Sent {
  return { method: "GET", target, headers };
}

/** The request without credentials. Its answer shows whether the path is guarded. */
export function nothing(base: string, name = "nothing"): Knock {
  const why = "Anyone who finds the address of the origin gets in.";
  return { name, base, family: "no credentials", why, sent: get(base) };
}

/** Values that prove nothing, although some programs accept them. */
export function worthless(base: string, email: string): Knock[] {
  const knock = (name: string, why: string, ...headers: readonly Field[]): Knock => ({
    ...{ name, base, why, family: "no credentials" },
    sent: get(base, ...headers),
  });
  const present = "The credential only has to be present: its content is not checked.";
  const words = {
    empty: "",
    garbage: "garbage",
    dots: "a.b.c",
    undefined: "undefined",
    json: "{}",
  };
  const unsigned = "The header is not signed: anyone can write a name into it.";
  const stranger = `${"0123456789abcdef".repeat(2)}.access`;
  const service = "Only Access can check the headers of a service token. The origin cannot.";
  const says = "A header or cookie that says yes is trusted, and anyone can write it.";
  const cookies = (value: string): string =>
    SAYING_COOKIES.map((name) => `${name}=${value}`).join("; ");
  return [
    ...Object.entries(words).map(([name, word]) =>
      knock(`assertion-${name}`, present, [ASSERTION, word]),
    ),
    ...["test", "dev"].map((word) =>
      knock(
        `password-${word}`,
        "A word that is meant for tests is accepted as a token.",
        [ASSERTION, word],
        ["Authorization", `Bearer ${word}`],
        ["Cookie", `${COOKIE}=${word}`],
      ),
    ),
    knock("cookie-garbage", present, ["Cookie", `${COOKIE}=garbage`]),
    knock("cookie-of-the-app-session", present, ["Cookie", "CF_AppSession=1; CF_Binding=1"]),
    knock("email-header", unsigned, [EMAIL, email]),
    knock(
      "email-header-beside-garbage",
      `${unsigned} A token must be verified, not only present.`,
      [EMAIL, email],
      [ASSERTION, "garbage"],
      ["Cookie", `${COOKIE}=garbage`],
      ["CF-Ray", "8f0000000000abcd-FRA"],
    ),
    knock("identity-headers-of-proxies", unsigned, ...IDENTITY.map((name): Field => [name, email])),
    knock("headers-that-say-true", says, ...SAYING.map((name): Field => [name, "true"])),
    knock("headers-that-say-1", says, ...SAYING.map((name): Field => [name, "1"])),
    knock(
      "headers-that-name-a-role",
      says,
      ...ROLES.map((name): Field => [name, "admin"]),
      ...CERTIFICATES.map((name): Field => [name, "SUCCESS"]),
    ),
    knock(
      "service-of-a-stranger",
      service,
      ["CF-Access-Client-Id", stranger],
      ["CF-Access-Client-Secret", "0".repeat(64)],
    ),
    knock("service-id-alone", service, ["CF-Access-Client-Id", stranger]),
    knock("access-token-header", present, ["Cf-Access-Token", "garbage"]),
    // An application behind Managed OAuth sees opaque tokens that begin like this one.
    knock("authorization-garbage", present, ["Authorization", "Bearer oauth:garbage"]),
    knock(
      "authorization-basic",
      present,
      ["Authorization", "Basic YWRtaW46YWRtaW4="],
      ["Proxy-Authorization", "Basic YWRtaW46YWRtaW4="],
    ),
    knock("api-key-garbage", present, ...SECRETS.map((name): Field => [name, "garbage"])),
    knock("cookie-that-says-so", says, [
      "Cookie",
      `${cookies("true")}; role=admin; user=admin; session=1; access=granted`,
    ]),
    knock("cookie-that-says-1", says, [
      "Cookie",
      `${cookies("1")}; ${NAMING_COOKIES.map((name) => `${name}=${email}`).join("; ")}`,
    ]),
  ];
}

/** One knock for each token, in the assertion header. */
export function inAssertion(
  base: string,
  family: Family,
  tokens: readonly HostileToken[],
): Knock[] {
  return tokens.map(({ name, token, why }) => ({
    ...{ name, base, family, why },
    sent: get(base, [ASSERTION, token]),
  }));
}

/** One knock for each token, in the cookie. */
export function inCookie(base: string, family: Family, tokens: readonly HostileToken[]): Knock[] {
  return tokens.map(({ name, token, why }) => ({
    ...{ name: `${name}-in-cookie`, base, family, why },
    sent: get(base, ["Cookie", `${COOKIE}=${token}`]),
  }));
}

const QUERY = [
  ...["token", "jwt", "access_token", "id_token", "auth", "assertion"],
  ...[COOKIE, COOKIE.toLowerCase(), ASSERTION, ASSERTION.toLowerCase()],
];

const OTHER_QUERY = [
  ...["cf_token", "cf-token", "cfToken", "accessToken", "access-token", "auth_token"],
  ...["authorization", "bearer", "session", "key", "t", "cf_access_token"],
];

const OTHER_COOKIES = [
  ...["token", "jwt", "session", "access_token", "id_token", "auth_token"],
  ...["CF-Authorization", "cf-access-token"],
];

const OTHER_HEADERS = [
  ...["Cf-Access-Token", "X-Access-Token", "X-Auth-Token", "X-Jwt-Assertion", "X-Jwt", "Token"],
  ...["X-Id-Token", "X-Token", "X-Forwarded-Access-Token", "Cf-Authorization", "X-Authorization"],
  "X-Cf-Access-Jwt-Assertion",
];

/** The places that another code path of a guard may read. There, an unsigned token is tried as well. */
const SEPARATE = /^(?:cookie|cookie-wrong-case|authorization|access-token-header|query)$/;

/** A forgery in each place where a program might look for a token. */
export function places(base: string, { stranger, unsigned }: Forgeries): Knock[] {
  return [
    ...placesOf(base, "stranger", stranger, "A stranger signed it"),
    ...placesOf(base, "unsigned", unsigned, "It is not signed", SEPARATE),
  ];
}

/** The query of a request that has the token under the names most used. */
export function queryOf(token: string, names: readonly string[] = QUERY): string {
  return names.map((name) => `${name}=${token}`).join("&");
}

function placesOf(
  base: string,
  forgery: string,
  token: string,
  what: string,
  wanted: RegExp = /./,
): Knock[] {
  const cookie = (text: string): Field => ["Cookie", text];
  const places: readonly (readonly [name: string, where: string, sent: Sent])[] = [
    ["cookie", "the cookie", get(base, cookie(`${COOKIE}=${token}`))],
    ["cookie-wrong-case", "a cookie in lower case", get(base, cookie(`cf_authorization=${token}`))],
    [
      "cookie-beside-another",
      "a cookie next to another of its name",
      get(base, cookie(`a=b; ${COOKIE}=garbage; ${COOKIE}=${token}`)),
    ],
    [
      "cookie-before-another",
      "a cookie before another of its name",
      get(base, cookie(`${COOKIE}=${token}; ${COOKIE}=garbage`)),
    ],
    ["cookie-quoted", "a cookie in quotes", get(base, cookie(`${COOKIE}="${token}"`))],
    [
      "cookie-of-another-name",
      "another cookie",
      get(base, cookie(OTHER_COOKIES.map((name) => `${name}=${token}`).join("; "))),
    ],
    [
      "header-and-cookie",
      "both the header and the cookie",
      get(base, [ASSERTION, token], cookie(`${COOKIE}=${token}`)),
    ],
    [
      "cookie-beside-a-bad-header",
      "the cookie, with a bad header",
      get(base, [ASSERTION, "garbage"], cookie(`${COOKIE}=${token}`)),
    ],
    [
      "cookie-beside-an-empty-header",
      "the cookie, with an empty header",
      get(base, [ASSERTION, ""], cookie(`${COOKIE}=${token}`)),
    ],
    [
      "header-beside-a-bad-cookie",
      "the header, with a bad cookie",
      get(base, [ASSERTION, token], cookie(`${COOKIE}=garbage`)),
    ],
    ["header-twice", "the header twice", get(base, [ASSERTION, "garbage"], [ASSERTION, token])],
    [
      "header-twice-the-other-way",
      "the first of two headers",
      get(base, [ASSERTION, token], [ASSERTION, "garbage"]),
    ],
    [
      "header-underscore",
      "the header written with underscores",
      get(base, ["Cf_Access_Jwt_Assertion", token]),
    ],
    [
      "header-with-bearer",
      "the header, after the word Bearer",
      get(base, [ASSERTION, `Bearer ${token}`]),
    ],
    ["authorization", "Authorization", get(base, ["Authorization", `Bearer ${token}`])],
    ["authorization-bare", "Authorization, without a scheme", get(base, ["Authorization", token])],
    [
      "authorization-token",
      "Authorization, with the scheme Token",
      get(base, ["Authorization", `Token ${token}`]),
    ],
    [
      "access-token-header",
      "headers of other programs",
      get(base, ...OTHER_HEADERS.map((name): Field => [name, token])),
    ],
    ["query", "the query", get(`${base}?${queryOf(token)}`)],
    [
      "query-of-other-names",
      "the query, under rarer names",
      get(`${base}?${queryOf(token, OTHER_QUERY)}`),
    ],
  ];
  return places
    .filter(([name]) => wanted.test(name))
    .map(([name, where, sent]) => ({
      ...{ name: `${forgery}-in-${name}`, base, sent, family: "place of the token" as const },
      why: `${what}, and it came in ${where}: a token must be verified the same way in every place that is read.`,
    }));
}

/** The token that the gate gives to everyone who is not logged in. */
export function gateToken(base: string, token: string): Knock[] {
  const why =
    "The gate gives this token to everyone who is not logged in. The team signed it and it names the application, but it has no issuer and its type is not app: a guard must check both.";
  const family = "token of the gate";
  const name = "meta-token";
  return [
    { ...{ name, base, family, why }, sent: get(base, [ASSERTION, token]) },
    {
      ...{ name: `${name}-in-cookie`, base, family, why },
      sent: get(base, ["Cookie", `${COOKIE}=${token}`]),
    },
    {
      ...{ name: `${name}-in-authorization`, base, family, why },
      sent: get(base, ["Authorization", `Bearer ${token}`]),
    },
  ];
}

/** The place where a genuine token is sent. */
export type Way = "header" | "cookie";

export function carry(way: Way, token: string): Field {
  return way === "header" ? [ASSERTION, token] : ["Cookie", `${COOKIE}=${token}`];
}
