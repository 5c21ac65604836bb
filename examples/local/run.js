// Local Access in front of a guarded application, for a browser, until it is told to stop.
import { once } from "node:events";
import { createServer } from "node:http";
import { startLocalAccess } from "postern/local";
import { startApplication } from "./application.js";

const port = Number(process.env.PORT ?? 8788);
const applicationPort = await freePort();
const access = await startLocalAccess({ target: `http://127.0.0.1:${applicationPort}`, port });
const application = await startApplication({
  team: access.issuer,
  audience: access.audience,
  port: applicationPort,
});
const { clientId, clientSecret } = access.serviceToken;

console.log(`
Open            ${access.url}
As a service    curl -H 'CF-Access-Client-Id: ${clientId}' \\
                     -H 'CF-Access-Client-Secret: ${clientSecret}' ${access.url}/api/me
Round the back  curl ${application.url}     (refused: there is no token)
Controls        ${access.controls.url}
  their secret  ${access.controls.secret}

Ctrl-C ends it.
`);

for (const signal of ["SIGINT", "SIGTERM"]) {
  process.once(signal, async () => {
    await access.close();
    await application.stop();
  });
}

/** The application's address goes into the emulator, and the emulator's into the application. */
async function freePort() {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port: free } = server.address();
  server.close();
  await once(server, "close");
  return free;
}
