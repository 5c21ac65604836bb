import { describe, expect, it } from "vitest";
import type { FetchLike } from "../../src/http/bounded-fetch.ts";
import { askGate, GateError } from "../../src/knock/gate.ts";
import { createTestIssuer } from "../../src/testing/index.ts";

const AUD = "4714c1358e65fe4b408ad6d432a5f878f08194bdb4752441fd56faefa9b2b6f2";
const TEAM = "https://acme.cloudflareaccess.com";
const APP = new URL("https://app.example.com/private");
const issuer = await createTestIssuer({ team: "acme" });

/** A fake network in which each address has one answer. */
function world(answers: { [url: string]: Response }): { fetch: FetchLike; asked: string[] } {
  const asked: string[] = [];
  const fetch: FetchLike = async (url) => {
    asked.push(url);
    if (url.startsWith(TEAM)) return issuer.fetch(url);
    const answer = answers[url];
    if (answer === undefined) throw new Error("no network");
    return answer.clone();
  };
  return { fetch, asked };
}

function ask(answers: { [url: string]: Response }, app = APP) {
  const { fetch, asked } = world(answers);
  return { asked, gate: askGate(app, { fetch, timeoutMs: 1_000, userAgent: "test" }) };
}

const answer = (status: number, headers: Record<string, string>, body: string | null = null) =>
  new Response(body, { status, headers });
const logIn = (query: string, host = TEAM): Response =>
  answer(302, { location: `${host}/cdn-cgi/access/login/app.example.com?${query}` });

describe("what a gate reveals", () => {
  it("is team and AUD tag, in a redirect to the log-in", async () => {
    const meta = "eyJ.eyJ.sig";
    const { gate, asked } = ask({ [APP.href]: logIn(`kid=${AUD}&meta=${meta}&redirect_url=%2F`) });
    expect(await gate).toMatchObject({
      ...{ team: "acme", issuer: TEAM, audience: AUD, certsUrl: `${TEAM}/cdn-cgi/access/certs` },
      ...{ managedOAuth: false, keys: 2, metaToken: meta },
    });
    expect(asked).toHaveLength(2);
  });

  it("is the team alone, in a 401 with the discovery document, within three requests", async () => {
    const at = `${APP.origin}/.well-known/cloudflare-access-protected-resource/private`;
    const challenge = `Cloudflare-Access resource_metadata="${at}", Bearer resource_metadata="x"`;
    const { gate, asked } = ask({
      [APP.href]: answer(401, { "www-authenticate": challenge }),
      [at]: answer(200, {}, JSON.stringify({ team_domain: "acme.cloudflareaccess.com" })),
    });
    expect(await gate).toMatchObject({ team: "acme", audience: null, managedOAuth: true, keys: 2 });
    expect(asked).toHaveLength(3);
  });

  it("names a team by its host or its address when a name is ambiguous", async () => {
    const local = "http://127.0.0.1:8788";
    const fed = "https://acme.fed.cloudflareaccess.com";
    const here = new URL(`${local}/private`);
    const found = await ask({ [here.href]: logIn("kid=app", local) }, here).gate;
    expect(found).toMatchObject({ team: local });
    expect(await ask({ [APP.href]: logIn("kid=app", fed) }).gate).toMatchObject({
      ...{ team: "acme.fed.cloudflareaccess.com", issuer: fed, keys: null },
    });
  });

  it("is read after one redirect on the same host, within three requests", async () => {
    const plain = new URL("http://app.example.com/private");
    const { fetch, asked } = world({
      [plain.href]: answer(301, { location: APP.href }),
      [APP.href]: logIn(`redirect_url=%2F&kid=${AUD}`),
    });
    const gate = await askGate(plain, { fetch, timeoutMs: 1_000, userAgent: "test" });
    expect(gate).toMatchObject({ team: "acme", audience: AUD, keys: 2 });
    expect(asked).toHaveLength(3);
  });

  it("is not sought in a loop, on another host, or from https to http", async () => {
    const further = `${APP.origin}/further`;
    for (const location of [
      APP.href,
      further,
      "http://app.example.com/",
      "https://evil.example/",
    ]) {
      const { gate, asked } = ask({
        [APP.href]: answer(301, { location }),
        [further]: answer(302, { location: `${APP.origin}/again` }),
        "http://app.example.com/": logIn(`kid=${AUD}`),
        "https://evil.example/": logIn(`kid=${AUD}`),
      });
      await expect(gate).rejects.toThrow(GateError);
      expect(asked.length).toBeLessThanOrEqual(2);
    }
  });

  it("has a host in capitals or with a dot behind it, like any other", async () => {
    for (const host of ["https://ACME.cloudflareaccess.com", `${TEAM}.`, `${TEAM}:443`]) {
      expect(await ask({ [APP.href]: logIn(`kid=${AUD}`, host) }).gate).toMatchObject({
        ...{ team: "acme", issuer: TEAM, audience: AUD },
      });
    }
  });

  it.each([
    ["http://127.0.0.1:8788", "127.0.0.1:8788"],
    ["http://localhost:8788", "http://localhost:8788"],
    ["http://[::1]:8788", "[::1]:8788"],
    ["http://app.localhost:8788", "app.localhost:8788"],
  ])(
    "is never a Local Access on this machine, when another one names it: %s",
    async (host, domain) => {
      const at = `${APP.origin}/.well-known/cloudflare-access-protected-resource/private`;
      for (const answers of [
        { [APP.href]: logIn("kid=app", host) },
        {
          [APP.href]: answer(401, {}),
          [at]: answer(200, {}, JSON.stringify({ team_domain: domain })),
        },
      ]) {
        const { gate, asked } = ask(answers);
        await expect(gate).rejects.toThrow(GateError);
        expect(asked.filter((url) => !url.startsWith(APP.origin))).toEqual([]);
      }
    },
  );

  it.each([
    ["no answer", undefined],
    ["a challenge page", answer(403, { "cf-mitigated": "challenge" }, "<html>wait</html>")],
    ["a page", answer(200, {}, "welcome")],
    ["a log-in of its own", answer(302, { location: "/login" })],
    ["another host's log-in", logIn(`kid=${AUD}`, "https://evil.example")],
    ["a host that only looks like a team's", logIn("kid=x", `${TEAM}.evil.example`)],
    ["a team's host as userinfo", logIn("kid=x", `${TEAM}@evil.example`)],
    ["a 401 of its own", answer(401, { "www-authenticate": "Basic" })],
    ["a redirect to nowhere", answer(302, { location: "https://[" })],
  ])("is an error in one sentence: %s", async (_, response) => {
    const { gate, asked } = ask(response === undefined ? {} : { [APP.href]: response });
    await expect(gate).rejects.toThrow(GateError);
    expect(asked.length).toBeLessThanOrEqual(3);
  });

  it("is not read from a document on another origin", async () => {
    const challenge = 'Cloudflare-Access resource_metadata="https://evil.example/doc"';
    const { gate, asked } = ask({ [APP.href]: answer(401, { "www-authenticate": challenge }) });
    await expect(gate).rejects.toThrow(GateError);
    expect(asked).not.toContain("https://evil.example/doc");
  });

  it("leaves out an AUD tag that could be something else", async () => {
    for (const kid of ["", "a b", "a%0Ab", "x".repeat(300)]) {
      expect((await ask({ [APP.href]: logIn(`kid=${kid}`) }).gate).audience).toBeNull();
    }
  });
});
