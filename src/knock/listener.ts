import { createServer } from "node:http";
import type { PublicJwk } from "../testing/signing-key.ts";
import type { Listener } from "./victim.ts";

/** The attacker's server on this machine, for applications that also run here. */
export interface RunningListener extends Listener {
  /** Whether it received a request. */
  wasAsked(): boolean;
  close(): Promise<void>;
}

/** Answers every path with the attacker's key set, or with a discovery document that names it. */
export async function startListener(): Promise<RunningListener> {
  let keys: readonly PublicJwk[] = [];
  let chain = "";
  let asked = false;
  let url = "";
  const server = createServer((request, response) => {
    asked = true;
    const issuer = `${url}${(request.url ?? "").replace(/\/?\.well-known\/.*$/, "")}`;
    const isDiscovery = request.url?.includes("/.well-known/openid-configuration") === true;
    const body = isDiscovery ? { issuer, jwks_uri: `${url}/jwks` } : { keys };
    const isChain = request.url?.endsWith(".pem") === true;
    response.writeHead(200, { "Content-Type": "application/json", Connection: "close" });
    response.end(isChain ? chain : JSON.stringify(body));
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(0, "127.0.0.1", resolve);
  });
  const address = server.address();
  url = `http://127.0.0.1:${typeof address === "object" ? address?.port : ""}`;
  return {
    url,
    serve(key, certificate) {
      keys = [key];
      chain = certificate;
    },
    wasAsked: () => asked,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
