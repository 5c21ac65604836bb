// A project without Node's types, which checks the types of libraries as well: the adapters for web
// requests compile there. Frameworks whose own types need Node's are left out.
import { createVerifier, type VerifiedAccessToken } from "postern";
import * as forAstro from "postern/astro";
import { createAccessFetch } from "postern/browser";
import { allowEmails } from "postern/checks";
import { guard } from "postern/fetch";
import * as forH3 from "postern/h3";
import * as forNext from "postern/next";
import * as forPages from "postern/pages";
import * as forReactRouter from "postern/react-router";
import * as forSvelteKit from "postern/sveltekit";
import { createTestIssuer } from "postern/testing";

const verifier = createVerifier({
  team: "acme",
  audience: "4714c1358e65fe4b408ad6d432a5f878",
  check: allowEmails("acme.com"),
});

export const handler = guard(verifier, (_request, access) => new Response(access.principal.id));
export const onRequest = forPages.requireAccess(verifier);
export const astro = forAstro.requireAccess(verifier);
export const proxy = forNext.requireAccess(verifier);
export const middleware = forReactRouter.requireAccess(verifier);
export const handle = forSvelteKit.requireAccess(verifier);
export const accessFetch = createAccessFetch();
export const issuer = createTestIssuer();

export const plugin = forH3.accessPlugin(verifier);
export async function event(request: Request): Promise<VerifiedAccessToken> {
  await forH3.requireAccess(verifier)({ req: request, context: {} });
  const { context } = await forH3.guardUpgrade(verifier)(request);
  return context.access;
}
