import type { IncomingMessage } from "node:http";
import type { Field } from "../proxy/fields.ts";
import { ownPath } from "./own-origin.ts";

/** Where a client asks what guards a path: before the path itself (RFC 9728 section 3.1). */
const WELL_KNOWN = "/.well-known/cloudflare-access-protected-resource";

/** Of which application the edge speaks, and how one logs in there. */
export interface Resource {
  readonly issuer: { readonly issuer: string };
  readonly options: { readonly managedOAuth: boolean };
}

/** Whether the request asks for the document that describes the guard. */
export function asksForDocument({ url = "/" }: IncomingMessage): boolean {
  return new RegExp(`^${WELL_KNOWN}(?:[/?]|$)`).test(url);
}

/** What guards a path, as everyone may read it. It names the team and never the AUD tag. */
export function describeResource(
  { issuer, options }: Resource,
  { url = "/", headers }: IncomingMessage,
): object {
  const origin = `http://${headers.host}`;
  const team = new URL(issuer.issuer);
  return {
    resource: `${origin}${pathOf(url.slice(WELL_KNOWN.length))}`,
    protected: true,
    team_domain: team.host,
    authorization_servers: options.managedOAuth ? [origin] : [],
    authentication_methods: [
      "browser",
      "service_token",
      ...(options.managedOAuth ? ["oauth"] : []),
    ],
  };
}

/** The challenge of everything that is refused without a log-in (RFC 9110 section 11.6.1). */
export function challenge(request: IncomingMessage, scheme: string): Field {
  return ["WWW-Authenticate", `${scheme} resource_metadata="${documentOf(request)}"`];
}

/** The scheme by which an OAuth client knows where to go (RFC 6750 section 3, RFC 9728 section 5.1). */
export const BEARER = 'Bearer realm="OAuth", error="invalid_token",';
export const CLOUDFLARE_ACCESS = "Cloudflare-Access";

/** The address of the document about the path that was asked for. */
export function documentOf({ url = "/", headers }: IncomingMessage): string {
  return `http://${headers.host}${WELL_KNOWN}${pathOf(url)}`;
}

/** A path without its query, safe in a quoted string (RFC 9110 section 5.6.4). */
function pathOf(url: string): string {
  return ownPath(url)
    .replace(/[?#].*/s, "")
    .replaceAll('"', "%22");
}
