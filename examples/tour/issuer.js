// A stand-in for a Cloudflare Access team: real RSA keys, a certs endpoint on loopback.
import { createServer } from "node:http";

const RS256 = { name: "RSASSA-PKCS1-v1_5", hash: "SHA-256" };
const encode = (value) => Buffer.from(JSON.stringify(value)).toString("base64url");

async function generateKey() {
  const algorithm = { ...RS256, modulusLength: 2048, publicExponent: new Uint8Array([1, 0, 1]) };
  const pair = await crypto.subtle.generateKey(algorithm, true, ["sign", "verify"]);
  const { n, e } = await crypto.subtle.exportKey("jwk", pair.publicKey);
  const kid = Buffer.from(crypto.getRandomValues(new Uint8Array(32))).toString("hex");
  return {
    kid,
    privateKey: pair.privateKey,
    jwk: { kid, kty: "RSA", alg: "RS256", use: "sig", n, e },
  };
}

export async function startIssuer({ audience }) {
  let current = await generateKey();
  let previous = await generateKey();
  let certsFetches = 0;
  const server = createServer((request, response) => {
    if (request.url !== "/cdn-cgi/access/certs") return response.writeHead(404).end("<html>");
    certsFetches++;
    response.setHeader("content-type", "application/json");
    response.end(JSON.stringify({ keys: [previous.jwk, current.jwk] }));
  });
  server.listen(0, "127.0.0.1");
  await new Promise((resolve) => server.once("listening", resolve));
  const url = `http://127.0.0.1:${server.address().port}`;

  const now = () => Math.floor(Date.now() / 1000);
  const common = () => ({ iss: url, aud: [audience], iat: now(), exp: now() + 3600 });

  return {
    url,
    get certsFetches() {
      return certsFetches;
    },
    current: () => current,
    previous: () => previous,
    user: () => ({
      ...common(),
      type: "app",
      nbf: now(),
      email: "ada@example.com",
      sub: crypto.randomUUID(),
      country: "GB",
    }),
    service: () => ({ ...common(), type: "app", common_name: "backup.access", sub: "" }),
    /** The token of the whole authentication domain: same issuer, same keys, no application. */
    org: () => ({ ...common(), type: "org", email: "ada@example.com", sub: crypto.randomUUID() }),
    async sign(claims, header = {}, key = current) {
      const protectedHeader = encode({ alg: "RS256", kid: key.kid, typ: "JWT", ...header });
      const input = `${protectedHeader}.${encode(claims)}`;
      const signature = await crypto.subtle.sign(RS256, key.privateKey, Buffer.from(input));
      return `${input}.${Buffer.from(signature).toString("base64url")}`;
    },
    encode,
    generateKey,
    async rotate() {
      previous = current;
      current = await generateKey();
    },
    /** Takes the certs endpoint down. */
    async stop() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
