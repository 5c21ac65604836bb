import { createVerifier } from "postern";
import { requireAccess } from "postern/react-router";

const { TEAM_DOMAIN, POLICY_AUD, ORDER, OPEN } = process.env;

let guard;

function guarded(args, next) {
  const verifier = () => createVerifier({ team: TEAM_DOMAIN, audience: POLICY_AUD });
  const publicPaths = ["/public", "/prerendered/", "/prerendered.data"];
  guard ??= requireAccess(verifier(), { publicPaths, ...(OPEN && { [OPEN]: true }) });
  return guard(args, next);
}

function shortcut({ request }, next) {
  if (new URL(request.url).pathname === "/shortcut") return new Response("the shortcut");
  return next();
}

const ORDERS = { late: [shortcut, guarded], none: [] };
export const middleware = ORDERS[ORDER] ?? [guarded, shortcut];
