import type { IncomingMessage } from "node:http";
import { METADATA_PATH } from "../access/team.ts";
import type { Field } from "../proxy/fields.ts";
import { ownPath } from "./own-origin.ts";

/** The facts that the document needs. */
export interface Resource {
  readonly issuer: { readonly issuer: string };
  readonly options: { readonly managedOAuth: boolean };
}

/** Whether the request asks for the document that describes the guard. */
export function asksForDocument({ url = "/" }: IncomingMessage): boolean {
  return new RegExp(`^${METADATA_PATH}(?:[/?]|$)`).test(url);
}

/** The public document about what guards a path. It contains the team, but never the AUD tag. */
export function describeResource(
  { issuer, options }: Resource,
  { url = "/", headers }: IncomingMessage,
): object {
  const origin = `http://${headers.host}`;
  const team = new URL(issuer.issuer);
  return {
    resource: `${origin}${pathOf(url.slice(METADATA_PATH.length))}`,
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

/** The challenge in a refusal because the client is not logged in (RFC 9110 section 11.6.1). */
export function challenge(request: IncomingMessage, scheme: string): Field {
  return ["WWW-Authenticate", `${scheme} resource_metadata="${documentOf(request)}"`];
}

/** The scheme from which an OAuth client learns where to log in (RFC 6750 section 3, RFC 9728 section 5.1). */
export const BEARER = 'Bearer realm="OAuth", error="invalid_token",';
export const CLOUDFLARE_ACCESS = "Cloudflare-Access";

/** The address of the document about the requested path. */
export function documentOf({ url = "/", headers }: IncomingMessage): string {
  return `http://${headers.host}${METADATA_PATH}${pathOf(url)}`;
}

/** A path without its query, safe in a quoted string (RFC 9110 section 5.6.4). */
function pathOf(url: string): string {
  return ownPath(url)
    .replace(/[?#].*/s, "")
    .replaceAll('"', "%22");
}
