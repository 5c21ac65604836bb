import { createMiddleware, createStart } from "@tanstack/react-start";
import { accessVerifier } from "./access.js";

// Global: it runs before every page, server route and server function.
const guard = createMiddleware().server(async ({ request, next }) => {
  const access = await accessVerifier().safeVerifyRequest(request);
  if (access.ok) return next({ context: { access: access.value } });
  const { status, retryAfterSeconds = 1 } = access.error;
  const headers = new Headers({ "cache-control": "no-store" });
  if (status === 401) headers.set("www-authenticate", 'Bearer realm="Cloudflare Access"');
  if (status === 503) headers.set("retry-after", String(Math.ceil(retryAfterSeconds) || 1));
  return new Response("Access denied\n", { status, headers });
});

export const startInstance = createStart(() => ({ requestMiddleware: [guard] }));
