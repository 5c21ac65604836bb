// A server in front with its own guard.
import express from "express";
import { createVerifier } from "postern";
import { requireAccess } from "postern/express";
import { handler } from "./build/handler.js";

const { TEAM_DOMAIN, POLICY_AUD, PORT } = process.env;

const app = express();
const verifier = createVerifier({ team: TEAM_DOMAIN, audience: POLICY_AUD });
app.use(requireAccess(verifier, { publicPaths: ["/public"] }));
app.use(handler);
app.listen(Number(PORT), "127.0.0.1");
