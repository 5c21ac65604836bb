import { get } from "./credentials.ts";
import type { PublicPage } from "./spellings.ts";
import {
  ADDRESSES,
  AGENTS,
  CLIENTS,
  FORWARDED_HOSTS,
  HOSTS,
  PATHS,
  SCHEMES,
  SETTINGS,
  SWITCHES,
  URIS,
} from "./trusted-values.ts";
import type { Field, Knock } from "./types.ts";

/** Paths that many applications leave open. A header may make a guard take another path for one of these. */
export const OFTEN_PUBLIC: readonly string[] = [
  "/",
  "/healthz",
  "/health",
  "/login",
  "/public",
  "/public/",
  "/static/",
  "/favicon.ico",
  "/robots.txt",
];

/** A framework counts its own name in this header (CVE-2025-29927). */
const SUBREQUEST = ["middleware", "src/middleware"]
  .flatMap((name) => Array.from({ length: 5 }, () => name))
  .join(":");

const PRIVATE =
  "A header that claims a private address or HTTPS is trusted: a client can write anything into it.";
const REWRITTEN =
  "The guard and the application read the path in different places, and the client sets one of them in a header.";
const NAMED =
  "The host name in the request decides whether it is guarded, and the client chooses that name.";
const SAME_SITE =
  "A header that names the page that sent the request is trusted: only browsers set it truthfully.";
const AHEAD =
  "A request that calls itself a prefetch gets in: the sample code of a framework leaves those unguarded.";
const SWITCH = "A word in the query switches the guard off: anyone can write it.";
const CHECKER =
  "A client whose User-Agent names a health checker or crawler gets in: anyone can send that header.";

/** The short list, for every further path. */
export function forwardedShort(base: string): Knock[] {
  return [
    ...addresses(base, ["X-Forwarded-For", "X-Real-IP"]),
    knock("x-original-url", base, REWRITTEN, ["X-Original-URL", "/"]),
    knock("x-rewrite-url", base, REWRITTEN, ["X-Rewrite-URL", "/"]),
    knock("host-localhost", base, NAMED, ["Host", "localhost"]),
  ];
}

/** The names of the addresses that belong to the origin. */
export interface Around {
  /** The value of `Host`. */
  readonly host: string;
  /** The origins of the team and the gate. */
  readonly logins: readonly string[];
  readonly email: string;
  readonly pages: readonly PublicPage[];
  /** A path that does not exist, and the answer. */
  readonly unknown: PublicPage | undefined;
}

/** Sends the headers that only a proxy should set, the most usual first. */
export function forwarded(base: string, around: Around): Knock[] {
  const { host, logins, email, pages, unknown } = around;
  const elsewhere = PATHS.filter((path) => path !== base);
  const name = host.replace(/:\d+$/, "");
  const port = host.slice(name.length);
  const gates = [...new Set(logins.map((origin) => new URL(origin).host))].reverse();
  const words = (value: string): string => SWITCHES.map((word) => `${word}=${value}`).join("&");
  return [
    ...addresses(base, ["X-Forwarded-For", "X-Real-IP", "True-Client-IP", "CF-Connecting-IP"]),
    ...Object.entries(ADDRESSES).map(([network, address]) =>
      knock(
        `forwarded-${network}`,
        base,
        PRIVATE,
        ["X-Forwarded-For", address],
        ["X-Real-IP", address],
        ["CF-Connecting-IP", address],
        ["True-Client-IP", address],
        ["Forwarded", `for=${address.includes(":") ? `"[${address}]"` : address}`],
        ...otherNames(address),
      ),
    ),
    knock("forwarded", base, PRIVATE, ["Forwarded", "for=127.0.0.1;host=localhost;proto=https"]),
    knock("forwarded-by-other-names", base, PRIVATE, ...otherNames("127.0.0.1")),
    knock("host-localhost", base, NAMED, ["Host", "localhost"]),
    knock("host-localhost-and-port", base, NAMED, ["Host", `localhost${port || ":3000"}`]),
    ...["localhost", "app.internal"].map((other, index) =>
      knock(
        `x-forwarded-host-${index + 1}`,
        base,
        NAMED,
        ...FORWARDED_HOSTS.map((field): Field => [field, other]),
      ),
    ),
    ...elsewhere.map((path) =>
      knock(
        `x-original-url-${named(path)}`,
        base,
        REWRITTEN,
        ...URIS.map((field): Field => [field, path]),
      ),
    ),
    ...pages
      .filter(({ path }) => path !== base)
      .slice(0, 2)
      .map((page) => rewrittenTo(base, page)),
    ...(base === "/" || unknown === undefined ? [] : [rewrittenTo(base, unknown)]),
    ...Object.entries(AGENTS).map(([agent, value]) =>
      knock(`user-agent-${agent}`, base, CHECKER, ["User-Agent", value]),
    ),
    knock(
      "headers-of-cloudflare",
      base,
      "Headers that Cloudflare adds are taken as proof that the request came through it.",
      ["CF-Ray", "8f0000000000abcd-FRA"],
      ["CF-Connecting-IP", "203.0.113.7"],
      ["CF-Visitor", '{"scheme":"https"}'],
      ["CF-IPCountry", "US"],
      ["CDN-Loop", "cloudflare; loops=1"],
      ["CF-Worker", "example.com"],
      ["CF-EW-Via", "15"],
      ["Via", "1.1 cloudflare"],
    ),
    knock(
      "internal-request",
      base,
      "A header that a framework or a proxy uses for its own requests is trusted.",
      ["X-Middleware-Subrequest", SUBREQUEST],
      ["X-Middleware-Prefetch", "1"],
      ["X-Matched-Path", "/"],
      ["X-Invoke-Path", "/"],
    ),
    knock(
      "same-site",
      base,
      SAME_SITE,
      ["Origin", `https://${host}`],
      ["Referer", `https://${host}/login?to=${base}`],
      ["Sec-Fetch-Site", "same-origin"],
      ["Sec-Fetch-Mode", "cors"],
      ["Sec-Fetch-Dest", "empty"],
    ),
    knock(
      "same-site-without-tls",
      base,
      SAME_SITE,
      ["Origin", `http://${host}`],
      ["Referer", `http://${host}${base}`],
      ["Sec-Fetch-Site", "same-site"],
      ["Sec-Fetch-Mode", "navigate"],
      ["Sec-Fetch-Dest", "iframe"],
    ),
    knock(
      "from-a-developer",
      base,
      SAME_SITE,
      ["Origin", "http://localhost:3000"],
      ["Referer", "http://localhost:3000/"],
      ["Sec-Fetch-Site", "none"],
    ),
    ...logins
      .slice(0, 1)
      .map((login) =>
        knock(
          "from-the-log-in",
          base,
          SAME_SITE,
          ["Origin", login],
          ["Referer", `${login}/cdn-cgi/access/login/${name}`],
        ),
      ),
    knock(
      "prefetch",
      base,
      AHEAD,
      ["Purpose", "prefetch"],
      ["Sec-Purpose", "prefetch"],
      ["X-Moz", "prefetch"],
      ["RSC", "1"],
      ["Next-Router-Prefetch", "1"],
      ["X-Nextjs-Data", "1"],
    ),
    switchedOff("words-in-query", base, `${words("1")}&${SETTINGS}&x.js`),
    switchedOff(
      "words-in-query-true",
      base,
      `${words("true")}&auth=0&email=${email}&user=${email}&username=${email}&x.png`,
    ),
    switchedOff(
      "public-paths-in-query",
      base,
      [...OFTEN_PUBLIC.slice(1), "/favicon.ico"].join("&"),
    ),
    knock(
      "forwarded-proto",
      base,
      PRIVATE,
      ...SCHEMES.map((field): Field => [field, "https"]),
      ["X-Forwarded-Ssl", "on"],
      ["Front-End-Https", "on"],
      ["X-Forwarded-Port", "443"],
    ),
    knock(
      "forwarded-proto-http",
      base,
      PRIVATE,
      ...SCHEMES.map((field): Field => [field, "http"]),
      ["CF-Visitor", '{"scheme":"http"}'],
      ["X-Forwarded-Port", "80"],
    ),
    ...HOSTS.slice(1).map((other) =>
      knock(`host-${other.replace(/\W+/g, "-")}`, base, NAMED, ["Host", other]),
    ),
    ...gates.slice(0, 1).map((gate) => knock("host-of-the-gate", base, NAMED, ["Host", gate])),
    // The same name written differently (RFC 9110 section 4.2.3, RFC 1034 section 3.1).
    knock("host-dot-behind", base, NAMED, ["Host", `${name}.`]),
    knock("host-other-port", base, NAMED, ["Host", `${name}:1`]),
    knock("host-empty", base, NAMED, ["Host", ""]),
    ...(name.toUpperCase() === name
      ? []
      : [knock("host-upper-case", base, NAMED, ["Host", name.toUpperCase()])]),
    knock("forwarded-chain", base, PRIVATE, ["X-Forwarded-For", "203.0.113.7, 127.0.0.1"]),
  ];
}

/** Requests another page, with headers that name the guarded one. */
function rewrittenTo(base: string, { path, page }: PublicPage): Knock {
  return {
    ...{ base, family: "header of a proxy", why: REWRITTEN, ordinary: page },
    name: `x-rewrite-url-from-${named(path)}`,
    sent: get(path, ...URIS.map((name): Field => [name, base])),
  };
}

function named(path: string): string {
  return path.slice(1).replace(/\W+/g, "-") || "root";
}

function switchedOff(name: string, base: string, query: string): Knock {
  return { name, base, family: "spelling of the path", why: SWITCH, sent: get(`${base}?${query}`) };
}

function addresses(base: string, names: readonly string[]): Knock[] {
  return names.map((name) => knock(name.toLowerCase(), base, PRIVATE, [name, "127.0.0.1"]));
}

function otherNames(address: string): Field[] {
  return CLIENTS.map((name) => [name, address]);
}

function knock(name: string, base: string, why: string, ...headers: readonly Field[]): Knock {
  return { name, base, family: "header of a proxy", why, sent: get(base, ...headers) };
}
