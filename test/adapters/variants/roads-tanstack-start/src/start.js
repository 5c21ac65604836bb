import { createMiddleware, createStart } from "@tanstack/react-start";
import { accessVerifier } from "./access.js";

const { ORDER } = process.env;

// The build requests the one, and is redirected to the other.
const PRERENDERED = ["/prerendered/", "/prerendered"];

const guard = createMiddleware().server(async ({ request, next }) => {
  // The build requests the pages that it prerenders, and sends no token.
  if (PRERENDERED.includes(new URL(request.url).pathname)) return next();
  const access = await accessVerifier().safeVerifyRequest(request);
  if (access.ok) return next({ context: { access: access.value } });
  return new Response("Access denied\n", { status: access.error.status });
});

const shortcut = createMiddleware().server(({ pathname, next }) =>
  pathname === "/shortcut" ? new Response("the shortcut") : next(),
);

const ORDERS = { late: [shortcut, guard], none: [] };

export const startInstance = createStart(() => ({
  requestMiddleware: ORDERS[ORDER] ?? [guard, shortcut],
}));
