import node from "@astrojs/node";
import { defineConfig } from "astro/config";

export default defineConfig({
  output: "server",
  adapter: node({ mode: "standalone" }),
  redirects: { "/moved": "/secret-place" },
  // Forms from other sites are not part of this test.
  security: { checkOrigin: false },
});
