import { allowLiveSession } from "../../src/checks/index.ts";
import { createVerifier } from "../../src/index.ts";

// Global scope, outside any request: no fetch, timer or randomness is allowed here.
const inits = [];
let ahead = 0;
const options = {
  team: CERTS_ORIGIN,
  audience: "app",
  remote: {
    fetch(url, init) {
      inits.push(Object.keys(init).sort());
      return fetch(url, init);
    },
  },
  now: () => Date.now() + ahead,
};
const verifier = createVerifier(options);
const check = allowLiveSession({ everySeconds: 3600, onUnknown: "refuse", timeoutSeconds: 1 });
const live = createVerifier({ ...options, check });

export default {
  async fetch(request, _env, context) {
    const { pathname, searchParams } = new URL(request.url);
    if (pathname === "/inits") return Response.json(inits);
    if (pathname === "/refuses") return Response.json(refuses(searchParams.get("option")));
    ahead += Number(searchParams.get("ahead") ?? 0) * 1000;
    const call = searchParams.has("keep") ? { waitUntil: (kept) => context.waitUntil(kept) } : {};
    const guard = searchParams.has("live") ? live : verifier;
    const verdict = guard.safeVerifyRequest(request, call);
    if (searchParams.has("leave")) {
      // A handler that answers before its verification ends, for its own time limit.
      await new Promise((resolve) => setTimeout(resolve, 100));
      return new Response("left");
    }
    const access = await verdict;
    if (access.ok) return new Response(access.value.principal.id);
    return new Response(access.error.code, { status: access.error.status });
  },
};

/** Whether this runtime throws at one member of a request's options. */
function refuses(option) {
  const all = { credentials: "omit", cache: "no-store", redirect: "manual" };
  try {
    return new Request("http://127.0.0.1/", { [option]: all[option] }) === undefined;
  } catch {
    return true;
  }
}
