// The team, its gate and its application: the configuration of every origin here.
import { createServer } from "node:http";
import { createTestIssuer } from "../../../dist/testing.js";

/** Starts a gate on loopback, which is its team's own address as well. */
export async function startWorld() {
  const requests = [];
  const gate = createServer(async (request, response) => {
    requests.push(request.url);
    const { origin, pathname } = new URL(request.url, issuer.issuer);
    if (pathname === "/cdn-cgi/access/certs") {
      response.setHeader("Content-Type", "application/json");
      return response.end(JSON.stringify(issuer.jwks()));
    }
    const query = new URLSearchParams({
      kid: issuer.audience,
      meta: await metaToken(),
      redirect_url: "/",
    });
    response.writeHead(302, {
      Location: `${origin}/cdn-cgi/access/login/app.example.com?${query}`,
    });
    return response.end();
  });
  await new Promise((resolve) => gate.listen(0, "127.0.0.1", resolve));
  const team = `http://127.0.0.1:${gate.address().port}`;
  const issuer = await createTestIssuer({ team });
  const metaToken = () => {
    const now = Math.floor(Date.now() / 1000);
    const claims = {
      type: "meta",
      aud: issuer.audience,
      hostname: "app.example.com",
      auth_status: "NONE",
    };
    return issuer.sign({ ...claims, iat: now, nbf: now, exp: now + 300 });
  };
  return {
    ...{ issuer, team, audience: issuer.audience, requests },
    close() {
      gate.closeAllConnections();
      return new Promise((resolve) => gate.close(resolve));
    },
  };
}
