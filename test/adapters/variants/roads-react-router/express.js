// A server in front with its own guard.
import { createRequestHandler } from "@react-router/express";
import express from "express";
import { createVerifier } from "postern";
import { requireAccess } from "postern/express";

const { TEAM_DOMAIN, POLICY_AUD, PORT } = process.env;

const app = express();
const verifier = createVerifier({ team: TEAM_DOMAIN, audience: POLICY_AUD });
app.use(requireAccess(verifier, { publicPaths: ["/public"] }));
app.use(createRequestHandler({ build: await import("./build/server/index.js") }));
app.listen(Number(PORT), "127.0.0.1");
