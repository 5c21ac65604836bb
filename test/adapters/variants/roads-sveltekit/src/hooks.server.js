import { sequence } from "@sveltejs/kit/hooks";
import { createVerifier } from "postern";
import { requireAccess } from "postern/sveltekit";

const { TEAM_DOMAIN, POLICY_AUD, ORDER, OPEN } = process.env;

const PUBLIC = ["/public", "/rerouted", "/prerendered"];
let guard;

function guarded(input) {
  guard ??= requireAccess(createVerifier({ team: TEAM_DOMAIN, audience: POLICY_AUD }), {
    ...(OPEN && { [OPEN]: true }),
    // Every prefix a remote function could be called by; none of them is opened.
    publicPaths: (path) => PUBLIC.includes(path) || path.startsWith("/_app/remote/"),
  });
  return guard(input);
}

function shortcut({ event, resolve }) {
  if (event.url.pathname === "/shortcut") return new Response("the shortcut");
  return resolve(event);
}

const ORDERS = {
  late: sequence(shortcut, guarded),
  none: ({ event, resolve }) => resolve(event),
};
export const handle = ORDERS[ORDER] ?? sequence(guarded, shortcut);
