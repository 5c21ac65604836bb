import { fork } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:http";
import { createTestIssuer } from "../../../dist/testing.js";
import { CertsEndpoint } from "../../soak/certs.js";

const PATIENCE_MS = 60_000;

/** A team, a guard in a process of its own, and an application that says who it is told of. */
export async function openWorld() {
  const certs = new CertsEndpoint();
  await certs.start();
  const issuer = await createTestIssuer({ decoyKeys: true, team: certs.origin });
  certs.publish(issuer);
  const application = createServer((request, response) => {
    const { "x-auth-request-email": email, "x-auth-request-name": name } = request.headers;
    request.resume().on("end", () => response.end(email || name));
  });
  application.listen(0, "127.0.0.1");
  await once(application, "listening");
  const child = fork(new URL("guard.js", import.meta.url));
  let hasEnded = false;
  child.once("exit", () => {
    hasEnded = true;
  });
  const told = async (message) => {
    child.send(message);
    const [answer] = await once(child, "message", { signal: AbortSignal.timeout(PATIENCE_MS) });
    return answer;
  };
  const { port } = await told({
    team: certs.origin,
    audience: issuer.audience,
    target: `http://127.0.0.1:${application.address().port}`,
    headerTimeoutSeconds: 2,
    idleTimeoutSeconds: 60,
    targetTimeoutSeconds: 10,
  });
  return {
    ...{ certs, issuer, port },
    look: () => told("look"),
    hasCrashed: () => hasEnded,
    async close() {
      if (!hasEnded) {
        child.send("end");
        await once(child, "exit", { signal: AbortSignal.timeout(PATIENCE_MS) });
      }
      await certs.stop();
      application.close();
      application.closeAllConnections();
    },
  };
}
