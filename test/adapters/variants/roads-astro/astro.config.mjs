import node from "@astrojs/node";
import { defineConfig } from "astro/config";

export default defineConfig({
  output: "server",
  adapter: node({ mode: "standalone" }),
  redirects: { "/moved": "/secret-place" },
  // What cross-site forms may do is another matter.
  security: { checkOrigin: false },
});
