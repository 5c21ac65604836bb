// The same, against the types of Workers and nothing else.
import { createVerifier, type VerifiedAccessToken } from "postern";
import { guard } from "postern/fetch";
import { requireAccess } from "postern/pages";

interface Env {
  TEAM_DOMAIN: string;
}

const verifier = createVerifier({ team: "acme", audience: "4714c1358e65fe4b408ad6d432a5f878" });

export default {
  fetch: guard(verifier, (request, access, env: Env, ctx: ExecutionContext) => {
    ctx.waitUntil(Promise.resolve(env.TEAM_DOMAIN));
    return new Response(`${request.method} ${access.principal.id}`);
  }),
} satisfies ExportedHandler<Env>;

export const onRequest: PagesFunction<Env> = requireAccess(verifier);
export const onRequestGet: PagesFunction<Env, never, { access: VerifiedAccessToken }> = ({
  data,
}) => new Response(data.access.principal.id);
