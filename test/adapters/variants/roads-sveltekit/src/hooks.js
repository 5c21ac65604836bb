export function reroute({ url }) {
  if (!url.pathname.startsWith("/rerouted")) return;
  globalThis.reroutes = (globalThis.reroutes ?? 0) + 1;
  return "/admin";
}
