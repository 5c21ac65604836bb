import { mkdtemp, readFile, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it, vi } from "vitest";
import type { FetchLike } from "../../src/http/bounded-fetch.ts";
import { exchange, head, statusOf } from "../local/support.ts";
import { unhandledIn } from "../support/unhandled.ts";
import { AUD, bearing, guard, OTHER_AUD, team } from "./support.ts";

const issuer = await team();
const person = (claims = {}): Promise<string> =>
  issuer.userToken({ email: "ada@acme.com", sub: "u1", ...claims });
const identity = ({ headers }: Response): (string | null)[] =>
  ["user", "email", "name", "kind"].map((name) => headers.get(`x-auth-request-${name}`));

describe("the endpoint", () => {
  it("accepts with 200 and every identity header, for any method", async () => {
    const { url } = await guard();
    const headers = bearing(await person());
    for (const method of ["GET", "POST", "OPTIONS", "DELETE", "PROPFIND"]) {
      for (const path of ["", "/auth", "/auth?x=/open"]) {
        const answer = await fetch(url + path, { method, headers });
        expect([answer.status, identity(answer)]).toEqual([
          200,
          ["u1", "ada@acme.com", "", "user"],
        ]);
      }
    }
    const service = await fetch(url, {
      headers: bearing(await issuer.serviceToken({ common_name: "ci.access" })),
    });
    expect(identity(service)).toEqual(["ci.access", "", "ci.access", "service"]);
  });

  it("says the same of a token that it remembers", async () => {
    const { url, port, lines } = await guard();
    const token = await person();
    const headers = bearing(token);
    const told = async () => {
      const answer = await fetch(url, { headers });
      return [answer.status, [...answer.headers].filter(([name]) => name !== "date")];
    };
    const first = await told();
    expect([await told(), await told()]).toEqual([first, first]);
    expect(lines.map(({ decision, id }) => [decision, id])).toEqual(
      Array.from({ length: 3 }, () => ["accepted", "u1"]),
    );
    // A body of no bytes is no reason to end the connection.
    const fields = [`Cf-Access-Jwt-Assertion: ${token}`, "Content-Length: 0"];
    const post = head(port, "POST /auth", ...fields).replace("Connection: close", "X: y");
    const answers = await exchange(port, post + head(port, "GET /none"));
    expect(answers.match(/HTTP\/1\.1 \d+/g)).toEqual(["HTTP/1.1 200", "HTTP/1.1 404"]);
  });

  it("logs the path that the proxy names, without its query, also for a remembered token", async () => {
    const { url, lines } = await guard({ originalUriHeader: "X-Original-URI" });
    const headers = { ...bearing(await person()), "X-Original-URI": "/wiki?secret=1" };
    for (const given of [headers, headers, { "X-Original-URI": "/none?x" }, {}]) {
      await fetch(url, { headers: given });
    }
    expect(lines.map(({ path }) => path)).toEqual(["/wiki", "/wiki", "/none", "/"]);
  });

  it("looks at no remembered token on a public path", async () => {
    const { url } = await guard({ originalUriHeader: "X-Original-URI", publicPaths: ["/open"] });
    const headers = bearing(await person());
    for (const [path, id] of [
      ["/shut", "u1"],
      ["/open", ""],
      ["/shut", "u1"],
    ]) {
      const answer = await fetch(url, {
        headers: { ...headers, "X-Original-URI": `${path}` },
      });
      expect(identity(answer)[0]).toBe(id);
    }
  });

  it("answers HTTP/1.0, Upgrade and Expect like any other request, since proxies forward these", async () => {
    const { port } = await guard();
    const token = `Cf-Access-Jwt-Assertion: ${await person()}`;
    const old = head(port, "GET /auth", token).replace("HTTP/1.1", "HTTP/1.0");
    expect(statusOf(await exchange(port, old))).toBe(200);
    const upgrade = head(port, "GET /auth", token, "Upgrade: websocket").replace(
      "close",
      "Upgrade, close",
    );
    expect(statusOf(await exchange(port, upgrade))).toBe(200);
    const waits = head(port, "POST /auth", token, "Expect: 100-continue", "Content-Length: 3");
    expect(statusOf(await exchange(port, waits))).toBe(200);
    expect(statusOf(await exchange(port, head(port, "CONNECT a:1", token)))).toBe(405);
  });

  it("answers although the log's writer is async and fails", async () => {
    const writeLog = (async () => Promise.reject(new Error("disk full"))) as () => void;
    const count = await unhandledIn(async () => {
      const { url } = await guard({ writeLog });
      expect((await fetch(url, { headers: bearing(await person()) })).status).toBe(200);
    });
    expect(count).toBe(0);
  });

  it("refuses as the adapters do", async () => {
    const { url, lines } = await guard({ allow: { emails: ["eve@acme.com"] } });
    const none = await fetch(url);
    expect([none.status, await none.text()]).toEqual([401, "Unauthorized\n"]);
    expect(none.headers.get("www-authenticate")).toBe('Bearer realm="Cloudflare Access"');
    expect(none.headers.get("x-auth-request-user")).toBeNull();
    const forbidden = await fetch(url, {
      headers: bearing(await person(), { accept: "application/json" }),
    });
    expect([forbidden.status, await forbidden.json()]).toEqual([
      403,
      { type: "about:blank", title: "Forbidden", status: 403 },
    ]);
    expect(lines.map(({ decision, code }) => [decision, code])).toEqual([
      ["refused", "token_missing"],
      ["refused", "forbidden"],
    ]);
  });

  it("answers 503 while there are no keys", async () => {
    const { url } = await guard({ fetch: () => Promise.reject(new Error("down")) });
    const answer = await fetch(url, { headers: bearing(await person()) });
    expect([answer.status, answer.headers.has("retry-after")]).toEqual([503, true]);
  });

  it("serves several applications, each by its own path and with its own audience", async () => {
    const { url } = await guard({
      apps: {
        wiki: { audience: AUD },
        shop: { audience: OTHER_AUD, headers: { "X-Shop": "email" }, publicPaths: ["/open"] },
      },
    });
    const headers = bearing(await person());
    const status = async (path: string, more = {}): Promise<number> =>
      (await fetch(url + path, { headers: { ...headers, ...more } })).status;
    expect(await status("/auth/wiki")).toBe(200);
    expect(await status("/auth/wiki/any/path?q=/auth/shop")).toBe(200);
    expect(await status("/auth/shop")).toBe(401);
    for (const path of [
      "/",
      "/auth",
      "/auth/",
      "/auth/none",
      "/auth/wiki%2f",
      "/wiki",
      "//auth/wiki",
    ]) {
      expect([path, await status(path)]).toEqual([path, 404]);
    }
    const lies = {
      "x-forwarded-host": "wiki",
      "x-forwarded-uri": "/auth/wiki",
      "x-original-uri": "/open",
    };
    expect(await status("/auth/shop?app=wiki", lies)).toBe(401);
    const other = bearing(await issuer.userToken({ aud: [OTHER_AUD], email: "ada@acme.com" }));
    const shop = await fetch(`${url}/auth/shop`, { headers: other });
    expect([shop.status, shop.headers.get("x-shop")]).toEqual([200, "ada@acme.com"]);
  });

  it("reads public paths from the configured header only", async () => {
    const { url } = await guard({ publicPaths: ["/open"], originalUriHeader: "X-Original-URI" });
    const open = await fetch(url, { headers: { "x-original-uri": "/open?a" } });
    expect([open.status, identity(open)]).toEqual([200, ["", "", "", ""]]);
    for (const name of ["x-original-url", "x-forwarded-uri", "x-forwarded-path"]) {
      expect((await fetch(`${url}/?/open`, { headers: { [name]: "/open" } })).status).toBe(401);
    }
    expect((await fetch(`${url}/open`)).status).toBe(404);
  });

  it("keeps the key set in a file that only its owner can read, and starts from it in an outage", async () => {
    const folder = await mkdtemp(join(tmpdir(), "postern-"));
    const keysFile = join(folder, "keys.json");
    await (await guard({ keysFile })).close();
    await expect.poll(async () => (await stat(keysFile)).mode & 0o777).toBe(0o600);
    expect(await readFile(keysFile, "utf8")).toContain(issuer.kid);
    const down = await guard({ keysFile, fetch: () => Promise.reject(new Error("down")) });
    expect((await fetch(down.url, { headers: bearing(await person()) })).status).toBe(200);
  });

  it("logs a line for each decision, and no token in any of them", async () => {
    const { url, lines, text } = await guard();
    const token = await person();
    await fetch(`${url}/auth?token=${token}`, { headers: bearing(token) });
    await fetch(`${url}/auth/${token}`, { headers: bearing(token) });
    await fetch(`${url}/auth`, { headers: bearing(token.slice(0, -9)) });
    for (const dot of ["%2E", "%2e"]) await fetch(`${url}/a/${token.replaceAll(".", dot)}`);
    expect(lines[0]).toEqual({
      time: expect.stringMatching(/^\d{4}-.*Z$/),
      app: "default",
      method: "GET",
      path: "/auth",
      decision: "accepted",
      code: null,
      kind: "user",
      id: "u1",
      kid: issuer.kid,
      ms: expect.any(Number),
    });
    const unknown = ["unknown_app", "unknown_app"];
    expect(lines.map(({ code }) => code)).toEqual([
      ...[null, "unknown_app", "token_malformed"],
      ...unknown,
    ]);
    for (const part of token.split(".")) expect(text.join("")).not.toContain(part);
    const plain = await guard({ log: "text" });
    await fetch(`${plain.url}/auth`, { headers: bearing(token) });
    expect(plain.text[0]).toMatch(
      /^\S+Z default GET \/auth accepted - user u1 [0-9a-f]{64} [\d.]+\n$/,
    );
  });

  it("serves health and metrics on the admin listener only", async () => {
    const { url, adminUrl = "" } = await guard({ admin: "127.0.0.1:0" });
    await fetch(url, { headers: bearing(await person()) });
    await fetch(url);
    const status = async (path: string): Promise<number> => (await fetch(path)).status;
    expect(await status(`${adminUrl}/healthz`)).toBe(200);
    expect(await status(`${adminUrl}/readyz`)).toBe(200);
    expect(await status(`${adminUrl}/other`)).toBe(404);
    for (const path of ["/healthz", "/readyz", "/metrics"])
      expect(await status(url + path)).toBe(404);
    const metrics = await (await fetch(`${adminUrl}/metrics`)).text();
    expect(metrics).toContain(
      'postern_requests_total{app="default",decision="accepted",code=""} 1\n',
    );
    expect(metrics).toContain('{app="default",decision="refused",code="token_missing"} 1\n');
    expect(metrics).toContain('postern_key_fetches_total{outcome="succeeded"} 1\n');
    expect(metrics).toMatch(/^postern_trust_seconds [1-9]/m);
    expect(metrics).toMatch(/^postern_decision_seconds_bucket\{le="\+Inf"\} 5$/m);
    expect(metrics).toContain("\npostern_parked 0\n");
    const down = await guard({ admin: "127.0.0.1:0", fetch: () => Promise.reject(new Error()) });
    expect(await status(`${down.adminUrl}/readyz`)).toBe(503);
    expect(await status(`${down.adminUrl}/healthz`)).toBe(200);
  });

  it("takes a new configuration, and keeps the old one when the new one is wrong", async () => {
    const { url, reload } = await guard();
    const options = { team: "acme", audience: AUD, fetch: issuer.fetch };
    const status = async (): Promise<number> =>
      (await fetch(url, { headers: bearing(await person()) })).status;
    await reload({ ...options, allow: { domains: ["example.com"] } });
    expect(await status()).toBe(403);
    await expect(reload({ ...options, allow: {} })).rejects.toThrow(TypeError);
    await expect(reload({ ...options, target: "http://127.0.0.1:1" })).rejects.toThrow(TypeError);
    expect(await status()).toBe(403);
    await reload(options);
    expect(await status()).toBe(200);
  });
});

it("keeps the latest configuration, however long the keys of an earlier one take", async () => {
  let answer = (): void => {};
  const slow = new Promise<void>((resolve) => {
    answer = resolve;
  });
  const load: FetchLike = async (url) => {
    if (url.includes("//slow.")) await slow;
    return issuer.fetch(url);
  };
  const { url, reload } = await guard({ fetch: load });
  const status = async (): Promise<number> =>
    (await fetch(url, { headers: bearing(await person()) })).status;
  const options = { audience: AUD, fetch: load };
  const first = reload({ ...options, team: "slow" });
  await reload({ ...options, team: "acme", allow: { domains: ["example.com"] } });
  expect(await status()).toBe(403);
  answer();
  await first;
  expect(await status()).toBe(403);
});

describe("an allow list", () => {
  it.each([
    [{ emails: ["ADA@acme.com"] }, "user", 200],
    [{ emails: ["eve@acme.com"] }, "user", 403],
    [{ domains: ["acme.com"] }, "user", 200],
    [{ domains: ["@acme.com"] }, "user", 200],
    [{ domains: ["cme.com", "mail.acme.com"] }, "user", 403],
    [{ emails: ["eve@acme.com"], domains: ["acme.com"] }, "user", 200],
    [{ services: ["ci.access"] }, "user", 403],
    [{ services: ["ci.access"] }, "service", 200],
    [{ services: ["cd.access"] }, "service", 403],
    [{ domains: ["acme.com"] }, "service", 403],
    [{ domains: ["acme.com"], services: ["ci.access"] }, "service", 200],
    [{ custom: { "custom.groups": ["wheel"] } }, "user", 200],
    [{ custom: { groups: ["wheel", "x"] } }, "user", 200],
    [{ custom: { "custom.groups": ["whee"] } }, "user", 403],
    [{ custom: { "custom.level": [3] } }, "user", 200],
    [{ custom: { "custom.level": ["3"] } }, "user", 403],
    [{ custom: { "custom.groups": ["wheel"], "custom.level": [4] } }, "user", 403],
    [{ custom: { "custom.groups": ["wheel"] } }, "service", 403],
    [{ emails: ["eve@acme.com"], custom: { "custom.groups": ["wheel"] } }, "user", 403],
    [{ domains: ["acme.com"], custom: { "custom.groups": ["x"] } }, "user", 403],
  ])("of %j answers a %s %i", async (allow, kind, status) => {
    const { url } = await guard({ allow: allow as never });
    const custom = { groups: ["staff", "wheel"], level: 3 };
    const token =
      kind === "user"
        ? await person({ custom })
        : await issuer.serviceToken({ common_name: "ci.access" });
    expect((await fetch(url, { headers: bearing(token) })).status).toBe(status);
  });
});

it.each([
  [{ audience: undefined }],
  [{ audience: [] }],
  [{ team: "a b" }],
  [{ allow: {} }],
  [{ allow: { emails: [] } }],
  [{ allow: { emails: ["acme.com"] } }],
  [{ allow: { email: ["a@b.c"] } }],
  [{ allow: { custom: {} } }],
  [{ allow: { custom: { groups: [] } } }],
  [{ listen: "nowhere" }],
  [{ listen: "127.0.0.1:70000" }],
  [{ target: "https://a.example" }],
  [{ target: "http://a.example/path" }],
  [{ target: "http://u:p@a.example" }],
  [{ headers: { Host: "id" } }],
  [{ publicPaths: ["open"] }],
  [{ log: "loud" }],
  [{ workers: 0 }],
  [{ maxConnections: 1.5 }],
  [{ targetTimeoutSeconds: -1 }],
  [{ originalUriHeader: "a b" }],
  [{ apps: {} }],
  [{ apps: { a: { audience: AUD, target: "http://a:1" }, b: { audience: AUD } } }],
  [
    {
      apps: {
        a: { audience: AUD, target: "http://a:1" },
        b: { audience: AUD, target: "http://b:1" },
      },
    },
  ],
  [
    {
      apps: {
        a: { audience: AUD, hosts: ["a.example"], target: "http://a:1" },
        b: { audience: OTHER_AUD, hosts: ["A.example"], target: "http://b:1" },
      },
    },
  ],
  [{ apps: { a: { audience: AUD } }, audience: AUD }],
  [{ audiences: AUD }],
])("a configuration is refused before anything listens: %j", async (options) => {
  await expect(guard(options as never)).rejects.toThrow(/must/);
});

it.each([
  [{ stripToken: true }, "stripToken has no effect without a target"],
  [{ targetTimeoutSeconds: 5 }, "targetTimeoutSeconds has no effect without a target"],
  [
    { hosts: ["a.example"] },
    "hosts have no effect without a target: the path names the application",
  ],
  [
    { publicPaths: ["/health"] },
    "publicPaths have no effect: give originalUriHeader, the header in which the proxy sends the path",
  ],
  [
    { target: "http://127.0.0.1:9", originalUriHeader: "X-Original-URI" },
    "originalUriHeader has no effect with a target",
  ],
  [{ workers: 2 }, "workers has no effect: only the command starts several"],
  [{ publicPaths: ["/health"], originalUriHeader: "X-Original-URI" }, undefined],
  [{ target: "http://127.0.0.1:9", publicPaths: ["/health"], stripToken: true }, undefined],
  [{ stripToken: false, publicPaths: [] }, undefined],
])("warns of an option that has no effect: %j", async (options, expected) => {
  const warn = vi.spyOn(console, "warn").mockReturnValue(undefined);
  await guard(options);
  const warnings = expected === undefined ? [] : [[`postern guard: ${expected}`]];
  expect(warn.mock.calls).toEqual(warnings);
  warn.mockRestore();
});
