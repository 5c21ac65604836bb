import { waitUntil } from "cloudflare:workers";
import { createRemoteKeySet, createVerifier } from "./postern/index.js";
import { cacheApi, withStore, workersKv } from "./postern/stores.js";

const events = [];
const onEvent = (event) => {
  events.push(event);
};
let verifier;

const storeOf = (env) => (env.STORE === "cache" ? cacheApi(caches.default) : workersKv(env.KEYS));

/** Made on the first request, because bindings are read there; one for the life of the isolate. */
function guard(env) {
  const options = { secret: env.SECRET, key: "keys", timeoutSeconds: 1.5, onEvent };
  if (env.HAND_OVER === "yes") options.waitUntil = waitUntil;
  const keys = createRemoteKeySet(env.CERTS_URL, {
    fetcher: withStore(storeOf(env), options),
    onEvent,
  });
  return createVerifier({ issuer: env.ISSUER, audience: "app", keys });
}

export default {
  async fetch(request, env, context) {
    const { pathname } = new URL(request.url);
    if (pathname === "/events") return Response.json(events);
    if (pathname === "/stored") return new Response((await storeOf(env).get("keys")) ?? "");
    verifier ??= guard(env);
    const token = request.headers.get("authorization").slice("Bearer ".length);
    const verdict = await verifier.safeVerify(token, {
      waitUntil: (promise) => context.waitUntil(promise),
    });
    return new Response(verdict.ok ? "accepted" : verdict.error.code);
  },
};
