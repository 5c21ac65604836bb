import { serve } from "srvx";
import { staticMiddleware } from "srvx/static";
import app from "./dist/server/server.js";

const { PORT = "3000" } = process.env;
serve({
  fetch: app.fetch,
  middleware: [staticMiddleware({ dir: "dist/client" })],
  hostname: "127.0.0.1",
  port: Number(PORT),
  silent: true,
});
