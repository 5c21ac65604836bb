// Names of headers and cookies that programs trust although any client can write them. Many go into
// one request, so a list must stay below a hundred names and its values short: servers limit both.

/** Headers in which proxies name the person, in the order of how often programs read them. */
export const IDENTITY: readonly string[] = [
  ...["X-Auth-Request-Email", "X-Auth-Request-User", "X-Forwarded-Email", "X-Forwarded-User"],
  ...["X-Forwarded-Preferred-Username", "Remote-User", "Remote-Email", "Remote-Name"],
  ...["X-Remote-User", "X-Remote-Email", "X-User", "X-User-Email", "X-User-Id", "X-User-Name"],
  ...["X-Username", "X-Email", "X-Auth-User", "X-Auth-Email", "X-Auth-Username", "X-Auth-Name"],
  ...["X-Authenticated-User", "X-Authenticated-Email", "X-Authenticated-User-Email"],
  ...["X-Authenticated-Userid", "X-WebAuth-User", "X-WebAuth-Email", "X-SSO-User", "X-SSO-Email"],
  ...["Cf-Access-Authenticated-User-Id", "Cf-Access-Authenticated-User", "Cf-Access-User"],
  ...["Cf-Access-User-Email", "Cf-Access-User-Id", "Cf-Access-Email", "Cf-Access-Identity"],
  ...["X-Cf-Access-Authenticated-User-Email", "Cf_Access_Authenticated_User_Email"],
  ...["X-Access-User", "X-Access-Email", "X-Identity", "X-Principal", "X-Account"],
  ...["X-Goog-Authenticated-User-Email", "X-Goog-Authenticated-User-Id", "X-MS-Client-Principal"],
  ...["X-MS-Client-Principal-Name", "X-Amzn-Oidc-Identity", "X-Amzn-Oidc-Data"],
  ...["X-Goog-Iap-Jwt-Assertion", "X-authentik-username", "X-authentik-email"],
  ...["Tailscale-User-Login", "Tailscale-User-Name", "X-Pomerium-Claim-Email", "X-Vouch-User"],
  ...["X-Token-User-Email", "X-Consumer-Username", "X-Consumer-Id", "X-Credential-Identifier"],
  ...["X-Replit-User-Name", "X-Client-CN", "X-Client-DN", "X-SSL-Client-CN", "X-SSL-Client-S-DN"],
  ...["X-Client-Cert", "X-SSL-Client-Cert", "X-Forwarded-Client-Cert", "Impersonate-User"],
];

/** Headers that say yes: the caller is known, internal, or not to be checked. */
export const SAYING: readonly string[] = [
  ...["X-Authenticated", "X-Auth", "X-Is-Authenticated", "X-Auth-Verified", "X-Verified"],
  ...["X-Access-Verified", "X-Cf-Verified", "X-Cf-Access-Verified", "Cf-Access-Verified"],
  ...["X-Access-Granted", "X-Authorized", "X-Trusted", "X-Is-Admin", "X-Admin", "X-Superuser"],
  ...["X-Internal", "X-Internal-Request", "X-Internal-Service", "X-Is-Internal", "X-Local"],
  ...["X-Envoy-Internal", "X-From-Cloudflare", "X-Cloudflare", "X-Forwarded-By", "X-Gateway"],
  ...["X-Service", "X-Service-Name", "X-Bypass", "X-Bypass-Auth", "X-Auth-Bypass", "X-Skip-Auth"],
  ...["X-No-Auth", "X-Disable-Auth", "X-Debug", "X-Debug-Mode", "X-Test", "X-Test-Mode"],
  ...["X-Testing", "X-E2E-Test", "X-Dev", "X-Dev-Mode", "X-Development", "X-Preview", "X-Draft"],
  ...["X-Health-Check", "X-Healthcheck", "X-Health", "X-Probe", "X-Monitoring", "X-Monitor"],
  ...["X-Cron", "X-Appengine-Cron", "X-CloudScheduler", "X-Vercel-Cron", "X-Scheduled"],
  ...["X-Prerender", "X-Nextjs-Prerender", "X-Prefetch", "X-SSR", "X-Bot"],
];

export const ROLES: readonly string[] = [
  ...["X-Role", "X-Roles", "X-User-Role", "X-User-Roles", "X-Auth-Role", "X-Auth-Roles"],
  ...["X-Groups", "X-Forwarded-Groups", "Remote-Groups", "X-User-Groups", "X-Auth-Request-Groups"],
  ...["X-Scope", "X-Scopes", "X-Permissions", "X-User-Type"],
];

/** What a proxy says about a certificate of the client. */
export const CERTIFICATES: readonly string[] = [
  ...["X-SSL-Client-Verify", "SSL-Client-Verify", "X-Client-Verify", "X-Client-Verified"],
  ...["X-SSL-Client-Verified", "X-SSL-Verified", "X-Client-Cert-Verified", "Cf-Cert-Verified"],
];

/** Headers for a secret that only has to be there. */
export const SECRETS: readonly string[] = [
  ...["X-API-Key", "Api-Key", "X-API-Token", "X-Auth-Key", "X-Auth-Token", "X-Access-Token"],
  ...["X-Access-Key", "X-Secret", "X-Shared-Secret", "X-Origin-Secret", "X-Origin-Verify"],
  ...["X-Origin-Auth", "X-Proxy-Secret", "X-Cloudflare-Secret", "X-Cf-Secret", "X-Edge-Key"],
  ...["X-Service-Token", "X-Service-Key", "X-Internal-Token", "X-Internal-Key", "X-Admin-Token"],
  ...["X-Token", "Token", "X-Session", "X-Session-Id", "X-Session-Token", "X-CSRF-Token"],
  ...["X-Signature", "X-Hub-Signature-256", "X-Request-Id", "X-Correlation-Id", "Traceparent"],
  ...["X-Device-Id", "X-Client-Id", "X-Tenant-Id"],
];

export const SAYING_COOKIES: readonly string[] = [
  ...["admin", "isAdmin", "is_admin", "logged_in", "loggedIn", "loggedin", "isLoggedIn"],
  ...["is_logged_in", "authenticated", "isAuthenticated", "is_authenticated", "auth", "authed"],
  ...["authorized", "debug", "dev", "test", "preview", "internal", "bypass", "cf_access"],
];

export const NAMING_COOKIES: readonly string[] = [
  ...["user", "username", "user_email", "email", "uid", "user_id", "session", "session_id", "sid"],
  ...["connect.sid", "PHPSESSID", "JSESSIONID", "sessionid", "_session", "token", "remember_me"],
  ...["CF_Session", "CF_Device", "__prerender_bypass", "__next_preview_data"],
];
