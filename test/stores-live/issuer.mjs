import { createServer } from "node:http";

/** An issuer on loopback: an RSA key and a certs endpoint that can answer, hang or fail. */
export async function startIssuer() {
  const pairs = [await makePair("first")];
  const requests = [];
  let mode = "answer";
  const server = createServer((request, response) => {
    requests.push({ ifNoneMatch: request.headers["if-none-match"] });
    if (mode === "hang") return;
    if (mode === "fail") {
      response.writeHead(503).end();
      return;
    }
    const body = JSON.stringify({ keys: pairs.map(({ jwk }) => jwk) });
    response.writeHead(200, { "content-type": "application/json", etag: `"${pairs.length}"` });
    response.end(body);
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  const origin = `http://127.0.0.1:${server.address().port}`;
  return {
    origin,
    certsUrl: `${origin}/certs`,
    requests,
    /** "answer", "hang" or "fail". */
    turn(to) {
      mode = to;
    },
    async rotate(kid) {
      pairs.unshift(await makePair(kid));
    },
    /** A token under the newest key. */
    token: () => sign(pairs[0], origin),
    close() {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(resolve));
    },
  };
}

const RS256 = { name: "RSASSA-PKCS1-v1_5", hash: "SHA-256" };

async function makePair(kid) {
  const publicExponent = new Uint8Array([1, 0, 1]);
  const { publicKey, privateKey } = await crypto.subtle.generateKey(
    { ...RS256, modulusLength: 2048, publicExponent },
    true,
    ["sign", "verify"],
  );
  const { n, e } = await crypto.subtle.exportKey("jwk", publicKey);
  return { jwk: { kty: "RSA", alg: "RS256", use: "sig", kid, n, e }, privateKey };
}

async function sign({ jwk, privateKey }, issuer) {
  const part = (value) => Buffer.from(JSON.stringify(value)).toString("base64url");
  const iat = Math.floor(Date.now() / 1000);
  const claims = { iss: issuer, aud: "app", iat, exp: iat + 600 };
  const input = `${part({ alg: "RS256", kid: jwk.kid })}.${part(claims)}`;
  const signature = await crypto.subtle.sign(RS256, privateKey, Buffer.from(input));
  return `${input}.${Buffer.from(signature).toString("base64url")}`;
}
