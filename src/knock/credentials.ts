import type { HostileToken } from "../testing/hostile/forge.ts";
import type { Forgeries } from "./forgeries.ts";
import type { Family, Field, Knock, Sent } from "./types.ts";

export const ASSERTION = "Cf-Access-Jwt-Assertion";
const COOKIE = "CF_Authorization";

/** A GET of a path with these headers. */
export function get(target: string, ...headers: readonly Field[]): Sent {
  return { method: "GET", target, headers };
}

/** The request with no credentials at all: whether a path is guarded is read off it. */
export function nothing(base: string, name = "nothing"): Knock {
  const why = "Anyone who finds the address of the origin gets in.";
  return { name, base, family: "no credentials", why, sent: get(base) };
}

/** What is no credential, though programs take it for one. */
export function worthless(base: string, email: string): Knock[] {
  const knock = (name: string, why: string, ...headers: readonly Field[]): Knock => ({
    ...{ name, base, why, family: "no credentials" },
    sent: get(base, ...headers),
  });
  const present = "It is enough that the assertion is there, whatever it says.";
  const words = {
    empty: "",
    garbage: "garbage",
    dots: "a.b.c",
    undefined: "undefined",
    json: "{}",
  };
  const unsigned = "The header is not signed: anyone can write a name into it.";
  const stranger = `${"0123456789abcdef".repeat(2)}.access`;
  const service =
    "The headers of a service token are for Access, which checks them; the origin cannot.";
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
    knock("cookie-that-says-so", "A cookie that anyone can write is accepted.", [
      "Cookie",
      "admin=true; role=admin; logged_in=1; authenticated=true; session=1",
    ]),
  ];
}

/** Tokens in the assertion header, one each. */
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

/** The same in the cookie. */
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

/** Each place that a program might look for a token in, with two forgeries. */
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
      "header and cookie",
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
      "the header spelt with underscores",
      get(base, ["Cf_Access_Jwt_Assertion", token]),
    ],
    ["header-with-bearer", "the header, behind a word", get(base, [ASSERTION, `Bearer ${token}`])],
    ["authorization", "Authorization", get(base, ["Authorization", `Bearer ${token}`])],
    ["authorization-bare", "Authorization, without a scheme", get(base, ["Authorization", token])],
    [
      "access-token-header",
      "headers that are for other programs",
      get(base, ["Cf-Access-Token", token], ["X-Access-Token", token], ["X-Auth-Token", token]),
    ],
    ["query", "the query", get(`${base}?${query}`)],
  ];
  return places.map(([name, where, sent]) => ({
    ...{ name: `${forgery}-in-${name}`, base, sent, family: "place of the token" as const },
    why: `${what}, and it came in ${where}: every place that is read must be checked alike.`,
  }));
}

/** The token that the gate gives to every visitor who is not logged in. */
export function gateToken(base: string, token: string): Knock[] {
  const why =
    "The gate gives this token to every visitor who is not logged in. It is signed by the team and names the application, but has no issuer and another type: a guard must check both.";
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

/** How a genuine token is carried. */
export type Way = "header" | "cookie";

export function carry(way: Way, token: string): Field {
  return way === "header" ? [ASSERTION, token] : ["Cookie", `${COOKIE}=${token}`];
}
