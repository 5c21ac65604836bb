import type { HostileToken } from "../testing/hostile/forge.ts";
import type { Forgeries } from "./forgeries.ts";
import type { Family, Field, Knock, Sent } from "./types.ts";

export const ASSERTION = "Cf-Access-Jwt-Assertion";
const COOKIE = "CF_Authorization";

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
  return [
    ...Object.entries(words).map(([name, word]) =>
      knock(`assertion-${name}`, present, [ASSERTION, word]),
    ),
    knock("cookie-garbage", present, ["Cookie", `${COOKIE}=garbage`]),
    knock("cookie-of-the-app-session", present, ["Cookie", "CF_AppSession=1; CF_Binding=1"]),
    knock("email-header", unsigned, ["Cf-Access-Authenticated-User-Email", email]),
    knock(
      "identity-headers-of-proxies",
      unsigned,
      ...["X-Auth-Request-Email", "X-Auth-Request-User", "X-Forwarded-Email", "X-Forwarded-User"]
        .concat("Remote-User", "Remote-Email", "X-Remote-User", "X-User", "X-Email")
        .map((name): Field => [name, email]),
    ),
    knock(
      "service-of-a-stranger",
      service,
      ["CF-Access-Client-Id", stranger],
      ["CF-Access-Client-Secret", "0".repeat(64)],
    ),
    knock("service-id-alone", service, ["CF-Access-Client-Id", stranger]),
    knock("access-token-header", present, ["Cf-Access-Token", "garbage"]),
    knock("authorization-garbage", present, ["Authorization", "Bearer garbage"]),
    knock("authorization-basic", present, ["Authorization", "Basic YWRtaW46YWRtaW4="]),
    knock("api-key-garbage", present, ["X-API-Key", "garbage"], ["Api-Key", "garbage"]),
    knock("cookie-that-says-so", "A cookie that anyone can write is trusted.", [
      "Cookie",
      "admin=true; role=admin; logged_in=1; authenticated=true; session=1",
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

/** Two forgeries in each place where a program might look for a token. */
export function places(base: string, { stranger, unsigned }: Forgeries): Knock[] {
  return [
    ...placesOf(base, "stranger", stranger, "A stranger signed it"),
    ...placesOf(base, "unsigned", unsigned, "It is not signed"),
  ];
}

function placesOf(base: string, forgery: string, token: string, what: string): Knock[] {
  const cookie = (text: string): Field => ["Cookie", text];
  const query = QUERY.map((name) => `${name}=${token}`).join("&");
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
      get(base, cookie(`token=${token}; jwt=${token}; session=${token}`)),
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
      "header-beside-a-bad-cookie",
      "the header, with a bad cookie",
      get(base, [ASSERTION, token], cookie(`${COOKIE}=garbage`)),
    ],
    ["header-twice", "the header twice", get(base, [ASSERTION, "garbage"], [ASSERTION, token])],
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
      "access-token-header",
      "headers of other programs",
      get(base, ["Cf-Access-Token", token], ["X-Access-Token", token], ["X-Auth-Token", token]),
    ],
    ["query", "the query", get(`${base}?${query}`)],
  ];
  return places.map(([name, where, sent]) => ({
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
