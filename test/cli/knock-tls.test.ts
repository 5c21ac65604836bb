import { createPrivateKey } from "node:crypto";
import { once } from "node:events";
import { createServer as createPlain, type RequestListener, type Server } from "node:http";
import { createServer as createTls } from "node:https";
import { afterEach, describe, expect, it, vi } from "vitest";
import { createVerifier } from "../../src/index.ts";
import { createTestIssuer } from "../../src/testing/index.ts";
import { createPrivateJwk, importSigningKey } from "../../src/testing/signing-key.ts";
import { postern, type Said } from "./fake-terminal.ts";

// Makes RSA keys, which takes a while.
vi.setConfig({ testTimeout: 60_000 });

const issuer = await createTestIssuer({ team: "acme" });
const { audience, issuer: team } = issuer;
const verifier = createVerifier({ team, audience, remote: { fetch: issuer.fetch } });
const jwk = await createPrivateJwk();
const { certificate } = await importSigningKey(jwk, {
  commonName: "origin.example",
  createdAt: Date.now(),
});
const key = createPrivateKey({ key: { ...jwk }, format: "jwk" });
const tls = { cert: certificate, key: key.export({ format: "pem", type: "pkcs8" }) };

const servers: Server[] = [];
afterEach(async () => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
});

async function listen(server: Server, host: string): Promise<number> {
  servers.push(server);
  server.on("tlsClientError", () => {});
  server.listen(0, host);
  await once(server, "listening");
  const address = server.address();
  return typeof address === "object" ? (address?.port ?? 0) : 0;
}

const right: RequestListener = async (request, response) => {
  const { ok } = await verifier.safeVerifyRequest(request);
  response.writeHead(ok ? 200 : 401).end(ok ? "secret" : "no");
};
const opened: RequestListener = (_, response) => response.end("secret");

const knock = (...args: string[]): Promise<Said> =>
  postern(["knock", ...args, "--team", team, "--aud", audience], {
    fetch: issuer.fetch as typeof fetch,
    now: Date.now,
  });

describe("postern knock at an https origin", () => {
  it("says why it does not trust a self-signed certificate, and which option accepts it", async () => {
    const port = await listen(createTls(tls, right), "127.0.0.1");
    const { code, out } = await knock(`https://127.0.0.1:${port}`);
    expect(code).toBe(3);
    expect(out).toContain("UNREACHABLE: no request got an answer.");
    expect(out).toContain("its certificate is not trusted here: use --insecure to accept it");
  });

  it.each([
    ["shut", right, 0],
    ["open", opened, 1],
  ] as const)("finds with --insecure that the origin is %s", async (verdict, listener, wanted) => {
    const port = await listen(createTls(tls, listener), "127.0.0.1");
    const args = ["--insecure", "--host", "app.example.com", "--json"];
    const { code, out } = await knock(`https://127.0.0.1:${port}`, ...args);
    expect(JSON.parse(out).verdict).toBe(verdict);
    expect(code).toBe(wanted);
  });

  it("says that only plain HTTP answers where https was asked for", async () => {
    const port = await listen(createPlain(right), "127.0.0.1");
    const { code, out } = await knock(`https://127.0.0.1:${port}`, "--insecure");
    expect(code).toBe(3);
    expect(out).toContain("the server does not speak TLS");
  });

  it("calls a plain address that only redirects to https unclear, and says which address to try", async () => {
    const redirect: RequestListener = ({ url, headers }, response) => {
      const location = `https://${headers.host?.replace(/:\d+$/, "")}${url}`;
      response.writeHead(301, { Location: location }).end();
    };
    const port = await listen(createPlain(redirect), "127.0.0.1");
    const { code, out } = await knock(`http://127.0.0.1:${port}`);
    expect(code).toBe(3);
    expect(out).toContain("redirected to the same address on https: knock there");
  });

  it.each([
    ["shut", right, 0],
    ["open", opened, 1],
  ] as const)("tries an IPv6 address that is %s", async (verdict, listener, wanted) => {
    const port = await listen(createPlain(listener), "::1");
    const { code, out } = await knock(`http://[::1]:${port}`, "--json");
    expect(JSON.parse(out).verdict).toBe(verdict);
    expect(code).toBe(wanted);
  });
});
