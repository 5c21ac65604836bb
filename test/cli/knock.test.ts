import { once } from "node:events";
import { createServer, type RequestListener, type Server } from "node:http";
import { afterEach, describe, expect, it, vi } from "vitest";
import { createVerifier } from "../../src/index.ts";
import { createTestIssuer } from "../../src/testing/index.ts";
import { postern, type Said } from "./fake-terminal.ts";

// Makes RSA keys, which takes a while.
vi.setConfig({ testTimeout: 60_000 });

const issuer = await createTestIssuer({ team: "acme" });
const { audience, issuer: team } = issuer;
const verifier = createVerifier({ team, audience, remote: { fetch: issuer.fetch } });
const GATE = "https://app.example.com/";

const servers: Server[] = [];
afterEach(async () => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
});

async function serve(listener: RequestListener, host = "127.0.0.1"): Promise<string> {
  const server = createServer(listener);
  servers.push(server);
  server.listen(0, host);
  await once(server, "listening");
  const address = server.address();
  return `http://127.0.0.1:${typeof address === "object" ? address?.port : 0}`;
}

const right: RequestListener = async (request, response) => {
  const { ok } = await verifier.safeVerifyRequest(request);
  response.writeHead(ok ? 200 : 401).end(ok ? "secret" : "no");
};

/** The gate and the team that the commands reach. */
const fetch = async (url: string) => {
  if (url.startsWith(GATE)) {
    const location = `${team}/cdn-cgi/access/login/app.example.com?kid=${audience}`;
    return new Response(null, { status: 302, headers: { location } });
  }
  if (url.startsWith(team)) return issuer.fetch(url);
  throw new Error("no network");
};

const knock = (...args: string[]): Promise<Said> =>
  postern(["knock", ...args], { fetch, now: Date.now });

describe("postern discover", () => {
  const discover = (...args: string[]): Promise<Said> => postern(["discover", ...args], { fetch });

  it("prints two lines to paste", async () => {
    const { code, out } = await discover("app.example.com");
    expect(code).toBe(0);
    expect(out.split("\n").slice(0, 2)).toEqual([`TEAM_DOMAIN=${team}`, `POLICY_AUD=${audience}`]);
  });

  it("says the same as JSON", async () => {
    const { code, out } = await discover(GATE, "--json");
    expect(code).toBe(0);
    expect(JSON.parse(out)).toEqual({
      ...{ team: "acme", issuer: team, audience, certsUrl: `${team}/cdn-cgi/access/certs` },
      ...{ managedOAuth: false, keys: 2 },
    });
  });

  it("exits with 3 and one sentence when Access is not found", async () => {
    const { code, out, err } = await discover("https://other.example.com");
    expect({ code, out, err }).toEqual({
      code: 3,
      out: "",
      err: "other.example.com does not answer.\n",
    });
  });

  it.each([[[]], [["a", "b"]], [["ftp://app.example.com"]], [["https://a:b@app.example.com"]]])(
    "refuses %j",
    async (args) => {
      expect((await discover(...args)).code).toBe(2);
    },
  );
});

describe("postern knock", () => {
  it("exits with 0 for an origin that verifies, and lists each request", async () => {
    const url = await serve(right);
    const token = await issuer.userToken();
    const { code, out, err } = await knock(url, "--gate", GATE, "--token", token, "--json");
    const report = JSON.parse(out);
    expect(report.verdict).toBe("shut");
    expect(code).toBe(0);
    expect(Object.keys(report)).toEqual(["url", "verdict", "knocks"]);
    for (const one of report.knocks) {
      const names = Object.keys(one).filter((name) => name !== "note");
      expect(names).toEqual(["name", "path", "why", "status", "outcome"]);
    }
    expect(report.knocks.length).toBeLessThanOrEqual(300);
    expect(out + err).not.toContain(token);
  });

  it("exits with 1 for an origin that does not verify, and says what to do, within a hundred columns", async () => {
    const url = await serve((_, response) => response.end("secret"));
    const { code, out } = await knock(url, "--team", "acme", "--aud", audience);
    expect(code).toBe(1);
    // First the verdict, and one reason: without a guard the other requests prove nothing.
    expect(out.split("\n")[2]).toMatch(/^OPEN: /);
    expect(out.match(/^Open: .*/gm)).toEqual(["Open: no guard"]);
    expect(out).toContain("To do: ");
    expect(out.split("\n").length).toBeLessThan(60);
    expect(out).toContain("Not tried:");
    expect(out).toContain("What no knock can find:");
    expect(Math.max(...out.split("\n").map(({ length }) => length))).toBeLessThanOrEqual(100);
  });

  it("exits with 3 when the answers prove nothing, and when there are none", async () => {
    const url = await serve((_, response) => response.writeHead(500).end());
    const unclear = await knock(url, "--team", "acme", "--aud", audience, "--json");
    expect(unclear.code).toBe(3);
    expect(JSON.parse(unclear.out).verdict).toBe("unclear");
    const text = await knock("http://127.0.0.1:1");
    expect(text.out).toMatch(/^UNREACHABLE: /m);
    expect(text.out).not.toMatch(/401|Not tried/);
    const nobody = await knock("http://127.0.0.1:1", "--json");
    expect(nobody.code).toBe(3);
    expect(JSON.parse(nobody.out).verdict).toBe("unreachable");
    const noGate = await knock(url, "--gate", "https://other.example.com");
    expect(noGate.code).toBe(3);
  });

  it("exits with 2 when the genuine token is refused, and does not print it", async () => {
    const url = await serve((_, response) => response.writeHead(401).end());
    const token = await issuer.userToken();
    const { code, out, err } = await knock(url, "--token", token, "--json");
    expect(code).toBe(2);
    expect(err).toContain("The genuine token got 401");
    expect(out + err).not.toContain(token);
  });

  it("keeps the genuine token out of the report when the origin echoes it", async () => {
    const token = await issuer.userToken();
    const url = await serve((request, response) => {
      const given = String(request.headers["cf-access-jwt-assertion"] ?? "");
      response.writeHead(200, { Location: `/${given}` }).end(given);
    });
    for (const extra of [[], ["--json"]]) {
      const { out, err } = await knock(url, "--token", token, ...extra);
      expect(out + err).not.toContain(token);
    }
  });

  it("finds that a genuine token of another application is accepted", async () => {
    const url = await serve((request, response) => {
      const isThere = request.headers["cf-access-jwt-assertion"] !== undefined;
      response.writeHead(isThere ? 200 : 401).end();
    });
    const token = await issuer.userToken({ aud: ["another"] });
    const { out } = await knock(url, "--aud", audience, "--token", token, "--json");
    const names = JSON.parse(out).knocks.map(({ name }: { name: string }) => name);
    expect(names).toContain("genuine-of-another-application");
  });

  it("writes valid JUnit", async () => {
    const url = await serve((_, response) => response.end("<secret>&"));
    const files = new Map<string, string>();
    const args = ["knock", url, "--junit", "knock.xml", "--path", "/<&%22>"];
    await postern(args, { fetch, files, now: Date.now });
    const xml = files.get("knock.xml") ?? "";
    expect(xml).toMatch(/^<\?xml version="1\.0"/);
    expect(xml).toMatch(/<testsuites name="postern knock" tests="\d+" failures="\d+"/);
    expect(xml).not.toContain('"/<&');
    expect(xml).toContain("/&lt;&amp;%22&gt;");
    expect(xml.match(/<testcase /g)?.length).toBe(Number(/tests="(\d+)"/.exec(xml)?.[1]));
  });

  it("sends only safe methods, a User-Agent with its name, and at most 300 requests", async () => {
    const seen: string[] = [];
    const agents: string[] = [];
    const url = await serve((request, response) => {
      seen.push(request.method ?? "");
      agents.push(request.headers["user-agent"] ?? "");
      return right(request, response);
    });
    const paths = ["/a", "/b", "/c", "/d", "/e", "/f"].flatMap((path) => ["--path", path]);
    const token = await issuer.userToken();
    const { code, out } = await knock(url, "--gate", GATE, "--token", token, ...paths);
    expect(code).toBe(0);
    expect(out).toContain("were left out, because the limit is 300 requests");
    expect(seen.length).toBeLessThanOrEqual(300);
    expect(new Set(seen)).toEqual(new Set(["GET", "HEAD", "OPTIONS"]));
    expect(agents.filter((agent) => agent === "postern-knock/1.2.3").length).toBeGreaterThan(200);
  });

  it.each(["localhost", "127.0.0.1", "[::1]", "[0:0:0:0:0:0:0:1]"])(
    "knocks at %s with --connect",
    async (host) => {
      const url = await serve(right, host.startsWith("[") ? "::1" : "127.0.0.1");
      const { port } = new URL(url);
      const connect = ["--connect", `${host}:${port}`];
      const { code, err } = await knock("http://app.test/", ...connect, "--gate", GATE);
      expect({ code, err }).toEqual({ code: 0, err: "" });
    },
  );

  it("warns when the address is also the gate's, unless it connects elsewhere", async () => {
    const url = await serve(right);
    const warning = "the address is also the gate's";
    expect((await knock(`${url}/admin`, "--gate", url)).err).toContain(warning);
    const connect = ["--connect", new URL(url).host];
    const elsewhere = await knock("http://app.test/", "--gate", "http://app.test", ...connect);
    expect(elsewhere.err).not.toContain(warning);
    expect((await knock(url, "--gate", GATE)).err).not.toContain(warning);
  });

  it.each([
    [[], /Give the address to knock at/],
    [["http://x", "--team", "app", "--audience", "http://127.0.0.1:8788"], /audience swapped/],
    [["a", "b"], /Give the address to knock at/],
    [["ftp://x"], /https or http/],
    [["http://x", "--path", "admin"], /--path must begin with a slash/],
    [["http://x", "--path", "/a b"], /--path must begin with a slash/],
    [["http://x", "--path", "/a\r\nX: y"], /--path must begin with a slash/],
    [["http://x", "--connect", "x"], /--connect must be/],
    [["http://x", "--connect", "x:0"], /--connect must be/],
    [["http://x", "--connect", "999.1.1.1:80"], /--connect must be/],
    [["http://x", "--connect", "1.2.3.4.5:80"], /--connect must be/],
    [["http://x", "--connect", "[::1:80"], /--connect must be/],
    [["http://x", "--connect", "[1::2::3]:80"], /--connect must be/],
    [["http://x", "--host", "a b"], /--host must be/],
    [["http://x", "--host", "a\r\nX: y"], /--host must be/],
    [["http://x", "--team", "a/b c"], /team/],
    [["http://x", "--gate", "ftp://x"], /--gate must begin/],
    [["http://x", "--token", ""], /token is empty/],
    [["http://x", "--token", "a\r\nX-Admin: 1"], /--token is not one token/],
    [["http://x", "--token", "a b"], /--token is not one token/],
    [["http://x", "--token", "caf\u00e9"], /--token is not one token/],
  ])("refuses %j", async (args, message) => {
    const { code, err } = await knock(...args);
    expect(err).toMatch(message);
    expect(code).toBe(2);
  });
});
