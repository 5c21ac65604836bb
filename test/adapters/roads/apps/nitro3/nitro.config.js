const { UPSTREAM } = process.env;

export default {
  compatibilityDate: "2025-06-01",
  preset: "node-server",
  serverDir: "./",
  experimental: { websocket: true, openAPI: true },
  openAPI: { production: "runtime" },
  features: { websocket: true },
  prerender: { routes: ["/prerendered"] },
  routeRules: {
    "/proxied/**": { proxy: `${UPSTREAM}/**` },
    "/moved": { redirect: "/the-admin-area" },
    "/cached/rule": { cache: { maxAge: 60 } },
    "/cached/swr": { swr: 60 },
  },
};
