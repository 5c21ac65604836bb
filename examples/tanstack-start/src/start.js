import { createMiddleware, createStart } from "@tanstack/react-start";
import { isKeySetError } from "postern";
import { accessVerifier } from "./access";

// Global: it runs before every page, server route and server function.
const guard = createMiddleware().server(async ({ request, next }) => {
  const access = await accessVerifier().safeVerifyRequest(request);
  if (access.ok) return next({ context: { access: access.value } });
  const { error } = access;
  const headers = new Headers({ "cache-control": "no-store" });
  if (error.status === 401) headers.set("www-authenticate", 'Bearer realm="Cloudflare Access"');
  if (isKeySetError(error)) {
    headers.set("retry-after", String(Math.max(1, Math.ceil(error.retryAfterSeconds ?? 1))));
  }
  return new Response("Access denied\n", { status: error.status, headers });
});

export const startInstance = createStart(() => ({ requestMiddleware: [guard] }));
