const { UPSTREAM } = process.env;

export default {
  compatibilityDate: "2025-06-01",
  telemetry: false,
  experimental: { componentIslands: true },
  nitro: { experimental: { websocket: true }, prerender: { routes: ["/prerendered"] } },
  routeRules: {
    "/proxied/**": { proxy: `${UPSTREAM}/**` },
    "/moved": { redirect: "/the-admin-area" },
    "/cached": { swr: 60 },
  },
};
