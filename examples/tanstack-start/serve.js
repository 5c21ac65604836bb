import { serve } from "srvx";
import app from "./dist/server/server.js";

const { PORT = "3000" } = process.env;
serve({ fetch: app.fetch, hostname: "127.0.0.1", port: Number(PORT), silent: true });
