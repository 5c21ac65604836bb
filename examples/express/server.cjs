const express = require("express");
const { createVerifier } = require("postern");
const { requireAccess } = require("postern/express");

const { TEAM_DOMAIN = "", POLICY_AUD = "", PORT = "3000" } = process.env;

const verifier = createVerifier({ team: TEAM_DOMAIN, audience: POLICY_AUD });

const app = express();
app.use(requireAccess(verifier));

app.get("/", (req, res) => {
  res.json(req.access?.principal);
});

app.listen(Number(PORT), "127.0.0.1");
