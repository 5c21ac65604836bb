// Starts the application and Local Access in front of it. Each needs the address of the other.
import { once } from "node:events";
import { createServer } from "node:http";
import { startLocalAccess } from "postern/local";
import { startApplication } from "./application.js";

/** Starts both. `options` are those of Local Access, without the target. */
export async function startBoth(options) {
  const port = await freePort();
  const access = await startLocalAccess({ ...options, target: `http://127.0.0.1:${port}` });
  const { issuer: team, audience } = access;
  const application = await startApplication({ team, audience, port });
  return {
    access,
    application,
    async stop() {
      await access.close();
      await application.stop();
    },
  };
}

/** Finds a free port on loopback. */
export async function freePort() {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address();
  server.close();
  await once(server, "close");
  return port;
}
