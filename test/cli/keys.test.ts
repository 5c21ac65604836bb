import { generateKeyPairSync } from "node:crypto";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createTestIssuer } from "../../src/testing/index.ts";
import { NOW, postern } from "./fake-terminal.ts";
import { issuer, JWKS, signed } from "./fixtures.ts";

const files = new Map([["certs.json", JWKS]]);

/** Thumbprints differ in each run, as the keys do. */
const withoutThumbprints = (text: string): string => text.replace(/[\w-]{43}/g, "<thumbprint>");

describe("postern keys", () => {
  it("shows each key, and which one a token asks for", async () => {
    const token = await signed();
    const { code, out } = await postern(["keys", "certs.json", "--token", token], { files });
    const [first, second] = JSON.parse(JWKS).keys.map(({ kid }: { kid: string }) => kid);
    const asks = (kid: string): string => (kid === "key-1" ? "\ntoken       names this key" : "");
    expect(withoutThumbprints(out)).toBe(`\
certs.json: 2 keys, 2 usable

kid         ${first}
thumbprint  <thumbprint>
size        2048 bits
age         unknown: it has no certificate
use         verifies tokens with this kid or without a kid${asks(first)}

kid         ${second}
thumbprint  <thumbprint>
size        2048 bits
age         unknown: it has no certificate
use         verifies tokens with this kid or without a kid${asks(second)}
`);
    expect(code).toBe(0);
  });

  it("shows a key's age from the certificate that Access publishes beside it", async () => {
    const { fetch } = issuer;
    const { out } = await postern(["keys", "acme"], { fetch, now: () => NOW + 41 * 86_400_000 });
    expect(out).toContain("https://acme.cloudflareaccess.com/cdn-cgi/access/certs: 2 keys");
    expect(out.match(/age +41 days, certified since 2025-01-31 09:00:00 UTC/g)).toHaveLength(2);
    const early = await postern(["keys", "acme"], { fetch, now: () => NOW - 1000 });
    expect(early.out).toContain("age         certified from 2025-01-31 09:00:00 UTC");
  });

  it("says why an entry is skipped", async () => {
    const [good] = JSON.parse(JWKS).keys;
    const weak = generateKeyPairSync("rsa", { modulusLength: 1024 }).publicKey;
    const jwks = {
      keys: [
        { ...good, kid: "good" },
        { ...good, kid: "good" },
        { ...good, kid: undefined },
        { ...good, kid: "for encryption", use: "enc" },
        { ...weak.export({ format: "jwk" }), kid: "weak" },
        { kty: "EC", kid: "curve" },
        "no object",
      ],
      public_certs: [{ kid: "good", cert: "no certificate" }],
    };
    const { code, out } = await postern(["keys", "-"], { stdin: JSON.stringify(jwks) });
    expect(out).toContain("standard input: 7 keys, 2 usable");
    expect([...out.matchAll(/use +(.*)/g)].map(([, use]) => use)).toEqual([
      "verifies tokens with this kid or without a kid",
      "skipped: an earlier entry is the same",
      "verifies tokens without a kid",
      "skipped: use is not sig",
      expect.stringContaining("skipped: modulus is not of"),
      "skipped: kty is not RSA",
      "skipped: not an object",
    ]);
    expect(out).toMatch(/kid +weak\nthumbprint +none\nsize +1024 bits/);
    expect(code).toBe(0);
  });

  it("says that the key which a token asks for is missing", async () => {
    const token = await signed({}, { kid: "key-0" });
    const { out } = await postern(["keys", "certs.json", "--token", "-"], { files, stdin: token });
    expect(out).toContain("The token names a key that is not among them.");
  });

  it("exits with 3 when no key is usable or the keys cannot be read", async () => {
    expect((await postern(["keys", "-"], { stdin: '{"keys":[]}' })).code).toBe(3);
    const missing = await postern(["keys", "nowhere.json"]);
    expect(missing.err).toBe(
      "No keys: there is no such file (ENOENT). Check the path. (https://postern.example/errors.html#fetch_failed)\n",
    );
    expect(missing.code).toBe(3);
    const refused = await postern(["keys", "--json", "acme"]);
    expect(JSON.parse(refused.out)).toMatchObject({
      error: {
        code: "fetch_failed",
        url: "https://acme.cloudflareaccess.com/cdn-cgi/access/certs",
      },
    });
    expect(refused.code).toBe(3);
    for (const [stdin, says] of [
      ["<html>", "it is not a JSON object"],
      ['{"public_certs":[]}', 'there is no array "keys" in it'],
    ] as const) {
      expect((await postern(["keys", "-"], { stdin })).err).toContain(says);
    }
  });

  it("takes a single JWK as a set of one, and says so", async () => {
    const [jwk] = JSON.parse(JWKS).keys;
    const { out, err } = await postern(["keys", "-"], { stdin: JSON.stringify(jwk) });
    expect(out).toContain("1 key, 1 usable");
    expect(err).toBe("note: read a single JWK as a set of one\n");
  });

  it("gives the same as JSON", async () => {
    const { fetch } = issuer;
    const token = await issuer.userToken();
    const { out } = await postern(["keys", "acme", "--json", "--token", token], { fetch });
    const { source, usable, keys } = JSON.parse(out);
    expect({ source, usable }).toEqual({
      source: "https://acme.cloudflareaccess.com/cdn-cgi/access/certs",
      usable: 2,
    });
    expect(keys.find(({ kid }: { kid: string }) => kid === issuer.kid)).toEqual({
      kid: issuer.kid,
      usable: true,
      bits: 2048,
      thumbprint: expect.stringMatching(/^[\w-]{43}$/),
      certifiedAt: "2025-01-31T09:00:00.000Z",
      asked: true,
    });
  });

  it.each([
    ["nothing", []],
    ["too much", ["acme", "other"]],
    ["an application's host", ["app.example.com"]],
    ["plain http elsewhere", ["http://issuer.example/jwks"]],
    ["standard input for both", ["-", "--token", "-"]],
    ["a token that cannot be read", ["certs.json", "--token", "x"]],
  ])("asks for a usable source: %s", async (_, argv) => {
    const { code, out, err } = await postern(["keys", ...argv], { files });
    expect({ code, out }).toEqual({ code: 2, out: "" });
    expect(err).toContain("`postern help keys` shows how to use it.");
  });

  describe("over real HTTP", () => {
    let status = 200;
    const server = createServer((request, response) => {
      const isKnown = request.url === "/cdn-cgi/access/certs" || request.url === "/jwks";
      response.statusCode = isKnown ? status : 404;
      response.end(isKnown ? JWKS : "<html>");
    });
    let origin = "";
    beforeAll(async () => {
      await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
      origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    });
    afterAll(() => server.close());

    it.each([
      ["the address of Local Access", ""],
      ["its certs endpoint", "/cdn-cgi/access/certs"],
      ["any other URL", "/jwks"],
    ])("fetches them from %s", async (_, path) => {
      const { code, out } = await postern(["keys", `${origin}${path}`], { fetch: undefined });
      expect(out).toContain("2 keys, 2 usable");
      expect(code).toBe(0);
    });

    it("gives the endpoint's status when it sent no keys", async () => {
      status = 503;
      const { code, err } = await postern(["keys", origin], { fetch: undefined });
      expect(err).toContain(`No keys from ${origin}/cdn-cgi/access/certs: it answered HTTP 503.`);
      expect(code).toBe(3);
    });
  });

  it("says that the team does not exist", async () => {
    const other = await createTestIssuer({ decoyKeys: true, team: "other" });
    const { err } = await postern(["keys", "acme"], { fetch: other.fetch });
    expect(err).toContain("Access answers 404 for a team that does not exist");
  });
});
