import { serveStatic, upgradeWebSocket, websocket } from "hono/bun";
import { createApp } from "./app.js";

const { TEAM_DOMAIN: team, POLICY_AUD: audience, PORT } = process.env;
const { fetch } = createApp({ team, audience, upgradeWebSocket, serveStatic });

Bun.serve({ hostname: "127.0.0.1", port: Number(PORT), fetch, websocket });
