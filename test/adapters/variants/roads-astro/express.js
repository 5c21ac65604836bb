// Middleware mode: a server in front with its own guard.
process.env.ASTRO_NODE_AUTOSTART = "disabled";

import express from "express";
import { createVerifier } from "postern";
import { requireAccess } from "postern/express";

const { handler } = await import("./dist/server/entry.mjs");
const { TEAM_DOMAIN, POLICY_AUD, PORT } = process.env;

const app = express();
const verifier = createVerifier({ team: TEAM_DOMAIN, audience: POLICY_AUD });
app.use(requireAccess(verifier, { publicPaths: ["/public"] }));
app.use(handler);
app.listen(Number(PORT), "127.0.0.1");
