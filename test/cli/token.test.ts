import { createServer } from "node:http";
import { describe, expect, it, vi } from "vitest";
import { createVerifier, decodeUnverified, type JwkSet } from "../../src/index.ts";
import { startLocalAccess } from "../../src/local/index.ts";
import { createPrivateJwk } from "../../src/testing/index.ts";
import { NOW, postern } from "./fake-terminal.ts";
import { AUD } from "./fixtures.ts";

vi.setConfig({ testTimeout: 60_000 });

const base = ["token", "--team", "acme", "--aud", AUD];

// A key takes a while to make, and most of these tests are not about it.
const key = JSON.stringify(await createPrivateJwk());
const withKey = (): Map<string, string> => new Map([["key.json", key]]);
const keyed = [...base, "--key", "key.json"];

function verifierOf(jwks: string | undefined) {
  const keys = JSON.parse(jwks ?? "") as JwkSet;
  return createVerifier({ team: "acme", audience: AUD, keys, now: () => NOW });
}

describe("postern token", () => {
  it("prints a token, and writes the keys for the guard that is to accept it", async () => {
    const files = new Map<string, string>();
    const { code, out, err } = await postern([...base, "--jwks", "certs.json"], { files });
    const { principal } = await verifierOf(files.get("certs.json")).verify(out.trim());
    expect(principal).toMatchObject({ kind: "user", email: "user@example.com" });
    expect({ code, err }).toEqual({ code: 0, err: "" });
    expect(files.get("certs.json")).not.toContain('"d"');
  });

  it("says that a key which nobody keeps is gone", async () => {
    expect((await postern(base)).err).toContain("its key is gone now");
  });

  it("keeps a private key in a file, and signs with it again", async () => {
    const files = new Map<string, string>();
    const kinds: string[] = [];
    const writeFile = async (path: string, text: string, kind: string): Promise<void> => {
      files.set(path, text);
      kinds.push(`${path} ${kind}`);
    };
    const argv = [...base, "--key", "key.json", "--jwks", "certs.json"];
    const first = await postern(argv, { files, writeFile });
    expect(first.err).toBe("note: made a new private key; keep it to yourself\n");
    const second = await postern([...base, "--key", "key.json"], { files });
    expect(second.err).toBe("");
    const verifier = verifierOf(files.get("certs.json"));
    await expect(verifier.verify(first.out.trim())).resolves.toBeDefined();
    await expect(verifier.verify(second.out.trim())).resolves.toBeDefined();
    expect(kinds).toEqual(["key.json secret", "certs.json public"]);
  });

  it.each([
    ["--email", ["--email", "ada@example.com"], { email: "ada@example.com", type: "app" }],
    ["--service", ["--service", "ci.access"], { common_name: "ci.access", sub: "" }],
    ["--org", ["--org"], { type: "org" }],
    ["--expires", ["--expires", "60"], { exp: NOW / 1000 + 60, iat: NOW / 1000 }],
    ["--expires in the past", ["--expires=-60"], { exp: NOW / 1000 - 60, iat: NOW / 1000 - 3660 }],
    ["--expires below 0", ["--expires", "-60"], { exp: NOW / 1000 - 60, iat: NOW / 1000 - 3660 }],
    ["--expires a little below 0", ["--expires", "-.5"], { exp: NOW / 1000 - 0.5 }],
    ["--audience", ["--audience", "another"], { aud: ["another"] }],
    ["--claim as JSON", ["--claim", 'custom={"a":[1]}'], { custom: { a: [1] } }],
    ["--claim as text", ["--claim", "country=PT", "--claim", "x=y=z"], { country: "PT", x: "y=z" }],
  ])("shapes the token as told: %s", async (_, options, expected) => {
    const { code, out } = await postern([...keyed, ...options], { files: withKey() });
    expect(decodeUnverified(out.trim()).payload).toMatchObject(expected);
    expect(code).toBe(0);
  });

  it("gives all that belongs to a token as JSON", async () => {
    const { out, err } = await postern([...keyed, "--json"], { files: withKey() });
    const { token, issuer, audience, kid, jwks } = JSON.parse(out);
    await expect(verifierOf(JSON.stringify(jwks)).verify(token)).resolves.toBeDefined();
    expect({ issuer, audience, err }).toEqual({
      issuer: "https://acme.cloudflareaccess.com",
      audience: AUD,
      err: "",
    });
    expect(kid).toBe(decodeUnverified(token).header["kid"]);
  });

  it("lists the hostile tokens with their reasons", async () => {
    const { out } = await postern(["token", "--hostile", "list"]);
    expect(out).toMatch(/^alg-none\n {2}It is not signed at all: anyone can write it\./);
    const json = JSON.parse((await postern(["token", "--hostile", "list", "--json"])).out);
    expect(json[0]).toEqual({ name: "alg-none", why: expect.stringContaining("RFC 7518") });
  });

  it("prints one hostile token, or all of them by name", async () => {
    const files = withKey();
    const argv = [...keyed, "--jwks", "certs.json", "--hostile"];
    const { out: all } = await postern([...argv, "all"], { files });
    const { safeVerify } = verifierOf(files.get("certs.json"));
    const lines = all.trimEnd().split("\n");
    expect(lines.length).toBeGreaterThan(200);
    for (const line of lines) {
      const [name = "", token = ""] = line.split(/\t(.*)/s);
      expect((await safeVerify(token)).ok, name).toBe(false);
    }
    const { out: one } = await postern([...argv, "alg-none"], { files });
    expect(decodeUnverified(one.trim()).header["alg"]).toBe("none");
    const { tokens } = JSON.parse((await postern([...argv, "all", "--json"], { files })).out);
    expect(tokens).toHaveLength(lines.length);
  });

  it.each([
    ["no team", ["token", "--aud", "a"], "--team and --aud"],
    ["an empty audience", ["token", "--team", "acme", "--aud", ""], "--team and --aud"],
    ["an argument too many", [...base, "x"], "too many"],
    ["two kinds of token", [...base, "--service", "x", "--email", "a@b.example"], "choose one"],
    ["a claim without a value", [...base, "--claim", "x"], "--claim is a name"],
    ["no such hostile token", [...keyed, "--hostile", "x"], "no hostile token of that name"],
    ["no number of seconds", [...base, "--expires", "soon"], "--expires must be a number"],
    ["Local Access elsewhere", ["token", "--from", "https://app.example"], "--from must be"],
    ["no URL of Local Access", ["token", "--from", "8788"], "--from must be"],
  ])("asks for what is missing or wrong: %s", async (_, argv, expected) => {
    const { code, out, err } = await postern(argv, { files: withKey() });
    expect(err).toContain(expected);
    expect({ code, out }).toEqual({ code: 2, out: "" });
  });

  it.each([
    ["no JSON", "-----BEGIN"],
    ["a public key", '{"kty":"RSA","n":"AQAB","e":"AQAB"}'],
    [
      "a broken private key",
      '{"kty":"RSA","n":"AA","e":"AQAB","d":"AA","p":"AA","q":"AA","dp":"AA","dq":"AA","qi":"AA"}',
    ],
  ])("refuses a key file that holds %s, without quoting it", async (_, text) => {
    const files = new Map([["key.json", text]]);
    const { code, err } = await postern([...base, "--key", "key.json"], { files });
    expect(code).toBe(2);
    expect(err).toBe(`\
The file of --key holds no private RSA key as a JWK.
\`postern help token\` says more.
`);
  });

  it("says which file cannot be written or read", async () => {
    const failing = () => Promise.reject(Object.assign(new Error("no"), { code: "EACCES" }));
    const unwritable = await postern([...keyed, "--jwks", "x"], {
      files: withKey(),
      writeFile: failing,
    });
    expect(unwritable.err).toContain("The file of --jwks cannot be written (EACCES).");
    const unreadable = await postern([...base, "--key", "x"], { readFile: failing });
    expect(unreadable.err).toContain("The file of --key cannot be read (EACCES).");
  });

  describe("from a running Local Access", () => {
    it("logs in as its log-in page would", async () => {
      const access = await startLocalAccess({
        target: "http://127.0.0.1:9",
        port: 0,
        audience: AUD,
      });
      const argv = ["token", "--from", access.url, "--email", "grace@example.com"];
      const world = { fetch: undefined, now: Date.now };
      const { code, out } = await postern(argv, world);
      expect(decodeUnverified(out.trim()).payload).toMatchObject({
        iss: access.url,
        aud: [AUD],
        email: "grace@example.com",
      });
      expect(code).toBe(0);
      const json = JSON.parse((await postern([...argv, "--json"], world)).out);
      vi.spyOn(console, "warn").mockImplementation(() => {});
      const verified = await postern(
        ["verify", "--team", access.url, "--aud", AUD, json.token],
        world,
      );
      expect(verified.out).toContain("accepted: user grace@example.com");
      const noAddress = await postern(["token", "--from", access.url, "--email", "x"], world);
      expect(noAddress.err).toContain("--email must be one");
      expect(noAddress.code).toBe(2);
      await access.close();
      const gone = await postern(argv, world);
      expect(gone.err).toMatch(/nothing listens on that port|the connection was cut/);
      expect(gone.code).toBe(3);
    });

    it("says so when something else answers", async () => {
      const server = createServer((_, response) => response.writeHead(404).end());
      await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
      const { port } = server.address() as { port: number };
      const { err } = await postern(["token", "--from", `http://127.0.0.1:${port}`], {
        fetch: undefined,
      });
      expect(err).toContain("The address does not answer as Local Access does (status 404).");
      server.close();
    });
  });
});
