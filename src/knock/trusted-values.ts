// Headers of proxies, and the addresses, names and words that guards believe in them.

/** Those that a header may name instead of the guarded path. */
export const PATHS: readonly string[] = [
  ...["/", "/healthz", "/login", "/public/", "/static/", "/favicon.ico"],
];

/** Headers that name the path for a guard or an application behind a proxy. */
export const URIS: readonly string[] = [
  ...["X-Original-URL", "X-Rewrite-URL", "X-Original-URI", "X-Forwarded-Uri", "X-Forwarded-Path"],
  ...["X-Forwarded-Prefix", "X-Forwarded-URL", "X-Original-Path", "X-Request-Uri", "X-Path"],
  ...["X-Url", "X-Uri", "X-Rewrite-Uri", "X-Override-URL", "X-Proxy-URL", "X-Replaced-Path"],
  ...["X-Envoy-Original-Path", "X-Nginx-Original-Uri", "X-Forwarded-Request-Uri", "X-Script-Name"],
  ...["X-WAWS-Unencoded-URL", "X-Auth-Request-Redirect", "X-Matched-Path", "X-Invoke-Path"],
  ...["Request-Uri", "Uri"],
];

export const FORWARDED_HOSTS: readonly string[] = [
  ...["X-Forwarded-Host", "X-Original-Host", "X-Host", "X-HTTP-Host-Override"],
  ...["X-Forwarded-Server", "X-Backend-Host"],
];

export const SCHEMES: readonly string[] = [
  "X-Forwarded-Proto",
  "X-Forwarded-Scheme",
  "X-Scheme",
  "X-Url-Scheme",
];

/** Less usual names for the address of the client. */
export const CLIENTS: readonly string[] = [
  ...["X-Client-IP", "X-Remote-IP", "X-Remote-Addr", "Remote-Addr", "X-Originating-IP"],
  ...["Client-IP", "X-Cluster-Client-IP", "Fastly-Client-IP", "X-Host", "X-Backend-Host"],
  ...["X-Forwarded", "Forwarded-For", "X-Original-Forwarded-For", "X-Source-IP", "X-True-IP"],
  ...["X-IP", "X-ProxyUser-IP", "X-Custom-IP-Authorization", "Proxy-Client-IP"],
  ...["WL-Proxy-Client-IP", "X-Azure-ClientIP", "X-Envoy-External-Address", "Fly-Client-IP"],
  ...["X-Vercel-Forwarded-For", "X-NF-Client-Connection-IP", "DO-Connecting-IP"],
  ...["X-Appengine-User-IP", "CF-Connecting-IPv6", "CF-Pseudo-IPv4"],
];

/** Guards compare the beginning of the name, or look for it anywhere. So the last one is long. */
export const AGENTS: { readonly [name: string]: string } = {
  kubernetes: "kube-probe/1.31",
  "load-balancer": "ELB-HealthChecker/2.0",
  google: "GoogleHC/1.0",
  prometheus: "Prometheus/2.53.0",
  generic: "HealthChecker/1.0",
  curl: "curl/8.5.0",
  none: "",
  many: [
    "Mozilla/5.0 (compatible; Googlebot/2.1; bingbot/2.0; UptimeRobot/2.0; Pingdom.com_bot; StatusCake;",
    "Site24x7; Better Uptime Bot; Checkly; Datadog/Synthetics; NewRelicSynthetics; Zabbix; check_http;",
    "Nagios; Amazon-Route53-Health-Check-Service; Amazon CloudFront; Consul Health Check; HAProxy;",
    "Blackbox Exporter; Envoy/HC; Cloudflare-Healthchecks/1.0; Cloudflare-Traffic-Manager/1.0;",
    "AlwaysOn; ReadyForRequest; Fly-HealthCheck; Render/1.0; nginx; Traefik; HealthChecker;",
    "health-check; monitoring; internal; Slackbot; Twitterbot; facebookexternalhit/1.1; Lighthouse;",
    "HeadlessChrome/140.0; GitHub-Hookshot; Stripe/1.0; PostmanRuntime; Wget; Go-http-client/1.1;",
    "python-requests; axios; node) Chrome/140.0 Safari/537.36",
  ].join(" "),
};

/** An address of each private network, and one of Cloudflare's. */
export const ADDRESSES: { readonly [name: string]: string } = {
  "class-a": "10.0.0.1",
  "class-b": "172.16.0.1",
  "class-c": "192.168.0.1",
  ipv6: "::1",
  mapped: "::ffff:127.0.0.1",
  cloudflare: "173.245.48.5",
};

export const SWITCHES: readonly string[] = [
  ...["debug", "test", "preview", "internal", "admin", "bypass", "noauth", "no_auth", "skip_auth"],
  ...["skipAuth", "dev", "local", "health", "healthcheck", "public", "share", "embed", "draft"],
  ...["access", "authenticated", "trace", "print", "amp", "_rsc", "raw"],
];

/** Words that a query gives a value to, and the value. */
export const SETTINGS =
  "auth=false&mode=test&env=dev&format=json&role=admin&password=x&secret=x&key=x&api_key=x&apikey=x&token=x&code=x&session=x&sig=x&signature=x";

export const HOSTS: readonly string[] = [
  "localhost",
  "127.0.0.1",
  "[::1]",
  "app.internal",
  "other.example.com",
  "app.svc.cluster.local",
  "internal",
  "staging.localhost",
];
