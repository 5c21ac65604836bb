import { readFileSync } from "node:fs";
import { beforeAll, describe, expect, it } from "vitest";
import { createVerifier, decodeUnverified, type JwkSet } from "../../src/index.ts";
import type { LocalAccess, LocalAccessOptions } from "../../src/local/index.ts";
import {
  type Application,
  control,
  exchange,
  head,
  logIn,
  portOf,
  startApplication,
  startEmulator,
  statusOf,
} from "./support.ts";

const PAGE = readFileSync("docs/guide/local-development.md", "utf8");

interface Row {
  readonly title: string;
  readonly options: Partial<LocalAccessOptions>;
  readonly line: string;
  readonly fields: readonly string[];
  readonly status: number;
  readonly answer: readonly string[];
  readonly seen: string;
}

/** The page's table of requests and answers. */
const rows: readonly Row[] = [
  ...PAGE.matchAll(/^\| (.*?) ?\| (`[A-Z]+ \/.*?) \| (`\d{3}`.*?) \| (.+?) \|$/gm),
].map(([, option = "", request = "", answer = "", seen = ""]) => {
  const [line = "", ...fields] = code(request);
  const [status, ...others] = code(answer);
  const [, name, value] = /^(\w+): (true|false)$/.exec(code(option)[0] ?? "") ?? [];
  const options = name === undefined ? {} : { [name]: value === "true" };
  const title = `${line} ${fields.map((field) => field.replace(/:.*/, "")).join(", ")} ${option}`;
  return { title, options, line, fields, status: Number(status), answer: others, seen };
});

function code(cell: string): string[] {
  return [...cell.matchAll(/`([^`]+)`/g)].map(([, text = ""]) => text);
}

let app: Application;
const emulators = new Map<string, { access: LocalAccess; user: string }>();

beforeAll(async () => {
  app = await startApplication();
  for (const { options } of rows) {
    const key = JSON.stringify(options);
    if (emulators.has(key)) continue;
    const access = await startEmulator(app.url, options);
    emulators.set(key, { access, user: await logIn(access) });
  }
}, 120_000);

/** The fields of an answer, their names in lower case. */
function fieldsOf(answer: string): Map<string, string> {
  const [top = ""] = answer.split("\r\n\r\n");
  return new Map(
    top.split("\r\n").flatMap((line): [string, string][] => {
      const [, name, value] = /^([^:\s]+): (.*)$/.exec(line) ?? [];
      return name === undefined ? [] : [[name.toLowerCase(), value ?? ""]];
    }),
  );
}

describe("Local Access answers the same requests as the edge does", () => {
  it("in a table that has every switch", () => {
    expect(rows.length).toBeGreaterThan(20);
    const switches = new Set(rows.flatMap(({ options }) => Object.keys(options)));
    expect([...switches].sort()).toEqual([
      "bypassOptionsRequests",
      "managedOAuth",
      "strictServiceTokens",
    ]);
  });

  it.each(rows)("$title", async ({ options, line, fields, status, answer, seen }) => {
    const { access, user } = emulators.get(JSON.stringify(options)) as never as {
      access: LocalAccess;
      user: string;
    };
    const { clientId, clientSecret } = access.serviceToken;
    const fill = (text: string): string =>
      text
        .replaceAll("<url>", access.url)
        .replaceAll("<host>", new URL(access.url).host)
        .replaceAll("<tag>", access.audience)
        .replaceAll("<user>", user)
        .replaceAll("<id>", clientId)
        .replaceAll("<secret>", clientSecret);
    app.seen.length = 0;
    const text = await exchange(portOf(access), head(portOf(access), line, ...fields.map(fill)));
    expect(statusOf(text)).toBe(status);
    const got = fieldsOf(text);
    for (const expected of answer.map(fill)) {
      const [, absent] = /^no (.+)$/.exec(expected) ?? [];
      if (absent !== undefined) {
        expect(got.has(absent.toLowerCase()), expected).toBe(false);
        continue;
      }
      const [, name = "", value = ""] = /^([\w-]+): (.+)$/.exec(expected) ?? [];
      const parts = value.split("…").map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"));
      expect(got.get(name.toLowerCase())).toMatch(new RegExp(`^${parts.join(".*")}$`));
    }
    expect(await seenBy(access)).toBe(seen);
    expect(JSON.stringify(app.seen)).not.toContain(clientSecret);
  });

  async function seenBy(access: LocalAccess): Promise<string> {
    const [seen, ...others] = app.seen;
    if (seen === undefined) return "nothing";
    expect(others).toEqual([]);
    const verifier = createVerifier({ team: access.issuer, audience: access.audience });
    const { headers } = seen;
    if (headers["cf-access-jwt-assertion"] === undefined) {
      expect(headers.cookie ?? "").not.toMatch(/CF_Authorization/i);
      return "no token";
    }
    return `a ${(await verifier.verifyRequest({ headers })).principal.kind}`;
  }
});

describe("the meta token in the address of the log-in page", () => {
  const metaOf = async (url: string): Promise<string> => {
    const { headers } = await fetch(url, { redirect: "manual" });
    const location = new URL(headers.get("location") ?? "", url);
    return location.searchParams.get("meta") ?? "";
  };
  let access: LocalAccess;
  beforeAll(async () => {
    access = await startEmulator(app.url);
  });

  it("names the application and no user, and is signed by the edge's keys", async () => {
    const meta = await metaOf(`${access.url}/report?year=2026`);
    const { header, payload } = decodeUnverified(meta);
    expect(payload).toMatchObject({
      type: "meta",
      aud: access.audience,
      hostname: "127.0.0.1",
      redirect_url: "/report?year=2026",
      auth_status: "NONE",
      service_token_status: false,
    });
    expect(Number(payload.exp) - Number(payload.iat)).toBe(300);
    for (const claim of ["iss", "sub", "email"]) expect(payload).not.toHaveProperty(claim);
    const answer = await fetch(`${access.url}/cdn-cgi/access/certs`);
    const certs = (await answer.json()) as JwkSet;
    expect(certs.keys.map(({ kid }) => kid)).toContain(header.kid);
    const signed = createVerifier({
      issuer: "x",
      audience: access.audience,
      keys: certs,
    });
    // The signature is found valid before the claims are checked.
    await expect(signed.verify(meta)).rejects.toMatchObject({ claim: "iss", verified: true });
  });

  it.each(["app", "org", "any"] as const)(
    "is accepted neither at the edge nor at an application that takes %s tokens",
    async (tokenType) => {
      const meta = await metaOf(access.url);
      const { issuer: team, audience } = access;
      const verifier = createVerifier({ team, audience, tokenType });
      await expect(verifier.verify(meta)).rejects.toMatchObject({ status: 401 });
      const headers = { cookie: `CF_Authorization=${meta}`, "Cf-Access-Jwt-Assertion": meta };
      expect((await fetch(access.url, { headers, redirect: "manual" })).status).toBe(302);
      const identity = await fetch(`${access.url}/cdn-cgi/access/get-identity`, { headers });
      expect(identity.status).toBe(403);
    },
  );

  it("keeps the address short enough for a head, however long the path is", async () => {
    const { headers } = await fetch(`${access.url}/${"%20".repeat(1000)}`, { redirect: "manual" });
    expect(headers.get("location")?.length).toBeLessThan(9000);
  });
});

describe("the document about a guarded path", () => {
  it("names the team and how to log in, and no AUD tag", async () => {
    const access = await startEmulator(app.url, { managedOAuth: true });
    const where = "/.well-known/cloudflare-access-protected-resource";
    for (const [path, resource] of [
      ["", "/"],
      ["/", "/"],
      ["/a/b?c=d", "/a/b"],
      ['/%22"', "/%22%22"],
      ["//evil.example", "/"],
    ] as const) {
      const text = await exchange(
        portOf(access),
        head(portOf(access), `GET ${where}${path}`, "Origin: null"),
      );
      expect(JSON.parse(text.split("\r\n\r\n")[1] ?? "")).toEqual({
        resource: `${access.url}${resource}`,
        protected: true,
        team_domain: new URL(access.url).host,
        authorization_servers: [access.url],
        authentication_methods: expect.arrayContaining(["oauth"]),
      });
      expect(text).not.toContain(access.audience);
    }
    const post = await fetch(access.url + where, { method: "POST" });
    expect([post.status, post.headers.get("allow")]).toEqual([405, "GET, HEAD"]);
    expect((await fetch(`${access.url}${where}x`, { redirect: "manual" })).status).toBe(401);
  });

  it("is linked from the challenge, and no path can break out of the quotes", async () => {
    const access = await startEmulator(app.url);
    const text = await exchange(portOf(access), head(portOf(access), 'GET /a"b?c="d'));
    expect(fieldsOf(text).get("www-authenticate")).toBe(
      `Cloudflare-Access resource_metadata="${access.url}/.well-known/cloudflare-access-protected-resource/a%22b"`,
    );
  });

  it("is named to a refused WebSocket", async () => {
    const access = await startEmulator(app.url);
    const socket = ["Upgrade: websocket", "Sec-WebSocket-Version: 13", "Sec-WebSocket-Key: eA=="];
    const request = head(portOf(access), "GET /chat", ...socket);
    const text = await exchange(portOf(access), request.replace("close", "Upgrade"));
    expect(statusOf(text)).toBe(401);
    expect(fieldsOf(text).get("www-authenticate")).toMatch(/protected-resource\/chat"$/);
  });
});

describe("several AUD tags", () => {
  it("are used one at a time, and an application names all of them", async () => {
    const audience = ["of-the-host", "of-the-worker", "of-the-account"];
    const access = await startEmulator(app.url, { audience });
    expect([access.audience, access.audiences]).toEqual(["of-the-host", audience]);
    const all = createVerifier({ team: access.issuer, audience });
    const one = createVerifier({ team: access.issuer, audience: access.audience });
    const { clientId, clientSecret } = access.serviceToken;
    for (const tag of audience) {
      const state = await control(access, "audience", { audience: tag });
      expect(state).toMatchObject({ audience: tag, audiences: audience });
      const asked = await fetch(access.url, { redirect: "manual" });
      const location = new URL(asked.headers.get("location") ?? "", access.url);
      expect(location.searchParams.get("kid")).toBe(tag);
      expect(decodeUnverified(location.searchParams.get("meta") ?? "").payload.aud).toBe(tag);
      const user = await logIn(access);
      expect((await all.verify(user)).payload.aud).toEqual([tag]);
      expect((await one.safeVerify(user)).ok).toBe(tag === access.audience);
      app.seen.length = 0;
      const headers = { "CF-Access-Client-Id": clientId, "CF-Access-Client-Secret": clientSecret };
      await fetch(access.url, { headers });
      const seen = app.seen[0]?.headers ?? {};
      expect((await all.verifyRequest({ headers: seen })).payload.aud).toEqual([tag]);
    }
  });

  it("are chosen from the configured ones", async () => {
    const access = await startEmulator(app.url, { audience: ["a", "b"] });
    await expect(control(access, "audience", { audience: "c" })).rejects.toThrow("400");
    await expect(control(access, "audience")).rejects.toThrow("400");
    const page = await fetch(access.controls.url, {
      method: "POST",
      headers: { origin: access.url },
      body: new URLSearchParams({ secret: access.controls.secret }),
    });
    expect(await page.text()).toMatch(/<option selected>a<\/option>\s*<option>b<\/option>/);
  });
});
