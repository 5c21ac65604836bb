// A small application as it would run in production. It contains nothing about Local Access.
import { createServer } from "node:http";
import { createVerifier, getIdentity, readAccessToken } from "postern";

/** Starts it on loopback. Its whole configuration is `team` and `audience`. */
export async function startApplication({ team, audience, port = 0 }) {
  const verifier = createVerifier({ team, audience });

  const server = createServer(async (request, response) => {
    const access = await verifier.safeVerifyRequest(request);
    if (!access.ok) {
      response.writeHead(access.error.status, { "Content-Type": "text/plain" });
      response.end(`${access.error.code}\n`);
      return;
    }
    const { principal, payload } = access.value;
    if (request.url === "/api/me") {
      response.writeHead(200, { "Content-Type": "application/json" });
      response.end(JSON.stringify(principal));
      return;
    }
    const [token] = readAccessToken(request);
    const identity = await getIdentity(token, { team }).catch(() => ({}));
    response.writeHead(200, { "Content-Type": "text/html; charset=utf-8" });
    response.end(page({ principal, payload, groups: identity.groups ?? [] }));
  });

  await new Promise((resolve) => server.listen(port, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${server.address().port}`,
    stop: () =>
      new Promise((resolve) => {
        server.close(resolve);
        server.closeAllConnections();
      }),
  };
}

function page({ principal, payload, groups }) {
  const name = principal.kind === "user" ? principal.email : principal.name;
  const facts = [
    ["Kind", principal.kind],
    ["Id", principal.id],
    ["Country", principal.kind === "user" ? (principal.country ?? "unknown") : "none"],
    ["Groups", groups.map((group) => group.name ?? group).join(", ") || "none"],
    ["Custom claims", payload.custom === undefined ? "none" : JSON.stringify(payload.custom)],
    ["Expires", new Date(payload.exp * 1000).toISOString()],
  ];
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Hello</title>
<style>
:root { color-scheme: light dark }
body { max-width: 40rem; margin: 10vh auto; padding: 0 1rem; font: 1.1rem/1.5 system-ui, sans-serif }
dl { display: grid; grid-template-columns: max-content 1fr; gap: .5rem 1.5rem; overflow-wrap: anywhere }
dt { opacity: .7 } dd { margin: 0 }
</style>
<h1>Hello ${escaped(name)}</h1>
<dl>${facts.map(([term, value]) => `<dt>${term}</dt><dd>${escaped(value)}</dd>`).join("")}</dl>
<p><a href="/cdn-cgi/access/logout">Log out</a></p>
</html>
`;
}

function escaped(text) {
  return String(text).replace(/[&<>"']/g, (c) => `&#${c.charCodeAt(0)};`);
}
