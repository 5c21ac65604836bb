import { get } from "./credentials.ts";
import type { PublicPage } from "./spellings.ts";
import type { Field, Knock } from "./types.ts";

/** Pages that many applications leave open: a guard may take one for another by a header. */
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

const PRIVATE =
  "Anyone who claims to call from inside is believed: a client can write anything into this header.";
const REWRITTEN =
  "The guard and the application read the path in two places: a header of the client's decides in one of them.";
const NAMED =
  "The name that the request asks for decides whether it is guarded, and the client chooses it.";
const SAME_SITE =
  "A header that says from which page the request comes is believed: only a browser keeps to the truth.";
const AHEAD =
  "A request that says it only loads ahead gets in: a framework's sample leaves those unguarded.";
const SWITCH = "A word in the query switches the guard off: anyone can write it.";
const CHECKER = "A program that calls itself a health checker gets in: any program can.";

const AGENTS: { readonly [name: string]: string } = {
  kubernetes: "kube-probe/1.31",
  "load-balancer": "ELB-HealthChecker/2.0",
  google: "GoogleHC/1.0",
  cloudflare: "Mozilla/5.0 (compatible; Cloudflare-Healthchecks/1.0; +https://www.cloudflare.com/)",
  uptime: "Mozilla/5.0+(compatible; UptimeRobot/2.0; http://www.uptimerobot.com/)",
  prometheus: "Prometheus/2.53.0",
  crawler: "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)",
  generic: "HealthCheck/1.0",
};

/** Networks that programs take for their own, and one of Cloudflare's. */
const ADDRESSES: { readonly [name: string]: string } = {
  "class-a": "10.0.0.1",
  "class-b": "172.16.0.1",
  "class-c": "192.168.0.1",
  ipv6: "::1",
  cloudflare: "173.245.48.5",
};

const SWITCHES = ["debug", "test", "preview", "internal", "admin", "bypass", "noauth", "skip_auth"];

const HOSTS: readonly string[] = [
  "localhost",
  "localhost:3000",
  "127.0.0.1",
  "[::1]",
  "app.internal",
  "app.local",
  "app.svc.cluster.local",
  "other.example.com",
];

/** The shortest list, for each path. */
export function forwardedShort(base: string): Knock[] {
  return [
    ...addresses(base, ["X-Forwarded-For", "X-Real-IP"]),
    knock("x-original-url", base, REWRITTEN, ["X-Original-URL", "/"]),
    knock("x-rewrite-url", base, REWRITTEN, ["X-Rewrite-URL", "/"]),
    knock("host-localhost", base, NAMED, ["Host", "localhost"]),
  ];
}

/** Headers that a proxy sets, set by the client. */
export function forwarded(base: string, host: string, pages: readonly PublicPage[]): Knock[] {
  const elsewhere = OFTEN_PUBLIC.filter((path) => path !== base);
  const name = host.replace(/:\d+$/, "");
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
        ...otherNames(address),
      ),
    ),
    knock("forwarded-chain", base, PRIVATE, ["X-Forwarded-For", "203.0.113.7, 127.0.0.1"]),
    knock("forwarded", base, PRIVATE, ["Forwarded", "for=127.0.0.1;host=localhost;proto=https"]),
    knock("forwarded-by-other-names", base, PRIVATE, ...otherNames("127.0.0.1")),
    knock(
      "headers-of-cloudflare",
      base,
      "Headers that Cloudflare adds are taken for proof that a request came through it.",
      ["CF-Ray", "8f0000000000abcd-FRA"],
      ["CF-Connecting-IP", "203.0.113.7"],
      ["CF-Visitor", '{"scheme":"https"}'],
      ["CF-IPCountry", "US"],
      ["CDN-Loop", "cloudflare; loops=1"],
    ),
    knock(
      "internal-request",
      base,
      "A header that calls the request internal is believed.",
      ["X-Internal", "true"],
      ["X-Internal-Request", "1"],
      ["X-Debug", "true"],
      ["X-Middleware-Subrequest", "middleware:middleware:middleware:middleware:middleware"],
    ),
    knock(
      "same-site",
      base,
      SAME_SITE,
      ["Origin", `https://${host}`],
      ["Referer", `https://${host}${base}`],
      ["Sec-Fetch-Site", "same-origin"],
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
    switchedOff("words-in-query", base, SWITCHES.map((word) => `${word}=1`).join("&")),
    switchedOff("public-paths-in-query", base, OFTEN_PUBLIC.slice(1).join("&")),
    knock("forwarded-proto", base, PRIVATE, ["X-Forwarded-Proto", "https"]),
    ...["localhost", "127.0.0.1", "app.internal"].map((host, index) =>
      knock(`x-forwarded-host-${index + 1}`, base, NAMED, ["X-Forwarded-Host", host]),
    ),
    ...HOSTS.map((other) =>
      knock(`host-${other.replace(/\W+/g, "-")}`, base, NAMED, ["Host", other]),
    ),
    // The same name in other spellings (RFC 9110 section 4.2.3, RFC 1034 section 3.1).
    knock("host-dot-behind", base, NAMED, ["Host", `${name}.`]),
    knock("host-other-port", base, NAMED, ["Host", `${name}:1`]),
    ...(name.toUpperCase() === name
      ? []
      : [knock("host-upper-case", base, NAMED, ["Host", name.toUpperCase()])]),
    ...elsewhere.map((path) =>
      knock(
        `x-original-url-${named(path)}`,
        base,
        REWRITTEN,
        ["X-Original-URL", path],
        ["X-Rewrite-URL", path],
      ),
    ),
    ...elsewhere.slice(0, 4).map((path) => {
      const names = [
        "X-Original-URI",
        "X-Forwarded-Uri",
        "X-Forwarded-Path",
        "X-Envoy-Original-Path",
      ];
      const fields = names.map((field): Field => [field, path]);
      return knock(`x-other-uri-${named(path)}`, base, REWRITTEN, ...fields);
    }),
    ...pages
      .filter(({ path }) => path !== base)
      .slice(0, 2)
      .flatMap((page) => rewrittenTo(base, page)),
    ...Object.entries(AGENTS).map(([name, agent]) =>
      knock(`user-agent-${name}`, base, CHECKER, ["User-Agent", agent]),
    ),
  ];
}

/** A public page is asked for, and a header names the guarded one. */
function rewrittenTo(base: string, { path, answer }: PublicPage): Knock[] {
  return ["X-Original-URL", "X-Rewrite-URL"].map((name) => ({
    ...{ base, family: "header of a proxy", why: REWRITTEN, ordinary: answer },
    name: `${name.toLowerCase()}-from-${named(path)}`,
    sent: get(path, [name, base]),
  }));
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
  const names = ["X-Client-IP", "X-Remote-IP", "X-Remote-Addr", "X-Originating-IP", "Client-IP"];
  return [...names, "X-Cluster-Client-IP", "Fastly-Client-IP", "X-Host"].map((name) => [
    name,
    address,
  ]);
}

function knock(name: string, base: string, why: string, ...headers: readonly Field[]): Knock {
  return { name, base, family: "header of a proxy", why, sent: get(base, ...headers) };
}
