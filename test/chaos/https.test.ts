import { createServer, get } from "node:https";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createRemoteKeySet, type FetchLike, type KeySetError } from "../../src/index.ts";
import { publicJwk } from "../support/public-jwk.ts";
import { selfSigned } from "./support/self-signed.ts";

const certificate = selfSigned("localhost");
let asked = 0;
const server = createServer(certificate, (_request, response) => {
  asked++;
  response.end(JSON.stringify({ keys: [publicJwk("first")] }));
});

beforeAll(() => new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve)));
afterAll(() => {
  server.closeAllConnections();
  return new Promise((resolve) => server.close(resolve));
});

function url(): string {
  return `https://localhost:${(server.address() as AddressInfo).port}/certs`;
}

/** Trusts only this certificate. */
const trusting: FetchLike = (address, { headers, signal }) =>
  new Promise((resolve, reject) => {
    const options = { headers, signal, ca: certificate.cert, family: 4 };
    get(address, options, async (response) => {
      const text = Buffer.concat(await response.toArray()).toString();
      resolve({
        status: response.statusCode ?? 0,
        headers: new Headers(),
        text: async () => text,
      });
    }).on("error", reject);
  });

describe("https", () => {
  test("with an untrusted certificate brings no keys", async () => {
    const keys = createRemoteKeySet(url());
    const error = await keys.refresh().catch((reason: KeySetError) => reason);
    expect(error).toMatchObject({ code: "fetch_failed", status: 503 });
    expect(error).toHaveProperty("cause.cause.code", "DEPTH_ZERO_SELF_SIGNED_CERT");
    expect(keys.state.standing).toBe("none");
    expect(asked).toBe(0);
  });

  test("brings keys when the certificate is trusted", async () => {
    const keys = createRemoteKeySet(url(), { fetch: trusting });
    await keys.refresh();
    expect(keys.state.kids).toEqual(["first"]);
  });

  test("does not fall back to http when the endpoint answers http", async () => {
    const { createServer: createPlain } = await import("node:http");
    const plain = createPlain((_request, response) => response.end('{"keys":[]}'));
    await new Promise<void>((resolve) => plain.listen(0, "127.0.0.1", resolve));
    const { port } = plain.address() as AddressInfo;
    const keys = createRemoteKeySet(`https://127.0.0.1:${port}/certs`);
    await expect(keys.refresh()).rejects.toMatchObject({ code: "fetch_failed" });
    plain.closeAllConnections();
    await new Promise((resolve) => plain.close(resolve));
  });
});
