import { createServer, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, describe, expect, it, vi } from "vitest";
import { createVerifier } from "../../src/index.ts";
import { createTestIssuer } from "../../src/testing/index.ts";

// Hundreds of tokens are made and sent, on a machine that may be busy.
vi.setConfig({ testTimeout: 60_000 });

const issuer = await createTestIssuer({ decoyKeys: true });
let close = (): void => {};

async function serve(listener: RequestListener): Promise<string> {
  const server = createServer(listener);
  close = () => {
    server.closeAllConnections();
    server.close();
  };
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

afterEach(() => close());

/** What an application's own test does. */
async function intruders(url: string): Promise<string[]> {
  const inside: string[] = [];
  for (const { name, token } of await issuer.hostileTokens()) {
    const response = await fetch(url, { headers: { "Cf-Access-Jwt-Assertion": token } });
    await response.arrayBuffer();
    if (response.status !== 401) inside.push(name);
  }
  return inside;
}

describe("an application that is tested over HTTP with hostile tokens", () => {
  it("refuses all of them when postern guards it, and accepts good ones", async () => {
    const { issuer: team, audience, fetch: certs } = issuer;
    const verifier = createVerifier({ team, audience, remote: { fetch: certs } });
    const url = await serve(async (request, response) => {
      const access = await verifier.safeVerifyRequest(request);
      response.writeHead(access.ok ? 200 : access.error.status).end();
    });
    expect(await intruders(url)).toEqual([]);
    for (const token of [await issuer.userToken(), await issuer.serviceToken()]) {
      const response = await fetch(url, { headers: { "Cf-Access-Jwt-Assertion": token } });
      expect(response.status).toBe(200);
    }
  });

  it("is shown which ones it accepts when only the claims are read", async () => {
    const url = await serve(({ headers }, response) => {
      const [, payload = ""] = String(headers["cf-access-jwt-assertion"]).split(".");
      try {
        const { aud, exp } = JSON.parse(Buffer.from(payload, "base64url").toString());
        const isMine = aud.includes(issuer.audience) && exp > Date.now() / 1000;
        response.writeHead(isMine ? 200 : 401).end();
      } catch {
        response.writeHead(401).end();
      }
    });
    const inside = await intruders(url);
    expect(inside).toEqual(expect.arrayContaining(["alg-none", "stolen-kid", "aud-longer"]));
    expect(inside.length).toBeGreaterThan(100);
  });
});
