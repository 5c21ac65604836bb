import { createSign, generateKeyPairSync } from "node:crypto";
import { createServer } from "node:http";
import { decoys } from "../../runtime/suite/keys.js";

/**
 * A certs endpoint on loopback that takes 300 ms, and the one key it publishes. It records each
 * fetch: whether the answer was read, or the client was gone.
 */
export async function startCerts() {
  const { privateKey, publicKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
  const jwk = { ...publicKey.export({ format: "jwk" }), kid: "current", alg: "RS256", use: "sig" };
  const fetches = [];
  let redirectTo;
  const server = createServer((request, response) => {
    const fetched = { path: request.url, isAnswered: undefined };
    fetches.push(fetched);
    response.on("close", () => {
      fetched.isAnswered = response.writableFinished;
    });
    setTimeout(() => {
      if (redirectTo !== undefined) response.writeHead(302, { location: redirectTo });
      else response.writeHead(200, { "content-type": "application/json" });
      response.end(JSON.stringify({ keys: [...decoys, jwk] }));
    }, 300);
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  const origin = `http://127.0.0.1:${server.address().port}`;
  return {
    origin,
    fetches,
    redirect(path) {
      redirectTo = path;
    },
    token(sub) {
      const iat = Math.floor(Date.now() / 1000);
      const claims = { iss: origin, aud: ["app"], sub, email: `${sub}@example.com`, type: "app" };
      const payload = { ...claims, iat, nbf: iat, exp: iat + 86_400 };
      const input = `${part({ alg: "RS256", kid: "current" })}.${part(payload)}`;
      return `${input}.${createSign("RSA-SHA256").update(input).sign(privateKey, "base64url")}`;
    },
    close() {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(resolve));
    },
  };
}

function part(value) {
  return Buffer.from(JSON.stringify(value)).toString("base64url");
}
