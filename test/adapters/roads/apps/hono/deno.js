import process from "node:process";
import { serveStatic, upgradeWebSocket } from "hono/deno";
import { createApp } from "./app.js";

const { TEAM_DOMAIN: team, POLICY_AUD: audience, PORT } = process.env;
const { fetch } = createApp({ team, audience, upgradeWebSocket, serveStatic });

Deno.serve({ hostname: "127.0.0.1", port: Number(PORT) }, fetch);
