import { env } from "cloudflare:workers";
import { upgradeWebSocket } from "hono/cloudflare-workers";
import { createApp } from "./app.js";

export default createApp({ team: env.TEAM_DOMAIN, audience: env.POLICY_AUD, upgradeWebSocket });
