import { describe, expect, it } from "vitest";
import { startLocalAccess } from "../../src/local/index.ts";
import { portOf, startApplication, startEmulator } from "./support.ts";

describe("startLocalAccess", () => {
  it("says where it is, who it is, and what to configure", async () => {
    const app = await startApplication();
    const access = await startEmulator(app.url);
    expect(access).toEqual({
      url: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+$/),
      issuer: access.url,
      audience: expect.stringMatching(/^[0-9a-f]{64}$/),
      audiences: [access.audience],
      serviceToken: {
        clientId: expect.stringMatching(/^[0-9a-f]{32}\.access$/),
        clientSecret: expect.stringMatching(/^cfast_[0-9A-Za-z]{40}[0-9A-Za-z]{8}$/),
      },
      controls: {
        url: `${access.url}/cdn-cgi/access/local`,
        secret: expect.stringMatching(/^[0-9a-f]{32}$/),
      },
      userToken: expect.any(Function),
      hostileTokens: expect.any(Function),
      close: expect.any(Function),
    });
  });

  it("takes an audience and an email, and offers that person first", async () => {
    const app = await startApplication();
    const access = await startEmulator(app.url, { audience: "aud", email: "me@example.org" });
    expect(access.audience).toBe("aud");
    const page = await (await fetch(`${access.url}/cdn-cgi/access/login`)).text();
    expect(/<button name="as" value="([^"]*)"/.exec(page)?.[1]).toBe("me@example.org");
  });

  it("takes a target by any of this machine's names", async () => {
    const app = await startApplication();
    for (const target of [`http://localhost:${portOf(app)}/`, new URL(app.url)]) {
      expect((await startEmulator(String(target))).issuer).toContain("127.0.0.1");
    }
  });

  it.each([
    ["options", undefined],
    ["options", null],
    ["target", {}],
    ["target", { target: "" }],
    ["target", { target: 3000 }],
    ["target", { target: "127.0.0.1:3000" }],
    ["target", { target: "http://192.0.2.1:3000" }],
    ["target", { target: "http://127.0.0.1.example.com" }],
    ["target", { target: "https://127.0.0.1:3000" }],
    ["target", { target: "http://user@127.0.0.1:3000" }],
    ["target", { target: "http://127.0.0.1:3000/path" }],
    ["target", { target: "http://127.0.0.1:3000/?query" }],
    ["port", { target: "http://127.0.0.1:3000", port: "8788" }],
    ["port", { target: "http://127.0.0.1:3000", port: -1 }],
    ["port", { target: "http://127.0.0.1:3000", port: 65536 }],
    ["port", { target: "http://127.0.0.1:3000", port: 1.5 }],
    ["port", { target: "http://127.0.0.1:3000", port: Number.NaN }],
    ["team", { target: "http://127.0.0.1:3000", team: "" }],
    ["team", { target: "http://127.0.0.1:3000", team: "a\nb" }],
    ["audience", { target: "http://127.0.0.1:3000", audience: "" }],
    ["audience", { target: "http://127.0.0.1:3000", audience: 7 }],
    ["audience", { target: "http://127.0.0.1:3000", audience: [] }],
    ["audience", { target: "http://127.0.0.1:3000", audience: ["a", ""] }],
    ["audience", { target: "http://127.0.0.1:3000", audience: ["a", undefined] }],
    ["audience", { target: "http://127.0.0.1:3000", audience: [["a"]] }],
    ["audience", { target: "http://127.0.0.1:3000", audience: '["a"]' }],
    ["audience", { target: "http://127.0.0.1:3000", audience: ["a", '"b"'] }],
    ["strictServiceTokens", { target: "http://127.0.0.1:3000", strictServiceTokens: "false" }],
    ["strictServiceTokens", { target: "http://127.0.0.1:3000", strictServiceTokens: null }],
    ["bypassOptionsRequests", { target: "http://127.0.0.1:3000", bypassOptionsRequests: 1 }],
    ["managedOAuth", { target: "http://127.0.0.1:3000", managedOAuth: "yes" }],
    ["email", { target: "http://127.0.0.1:3000", email: "nobody" }],
  ])("refuses a bad %s at once, in one sentence: %o", async (option, options) => {
    const started = startLocalAccess(options as never);
    await expect(started).rejects.toThrow(new RegExp(`^${option} must be .+[^.]$`));
    await expect(started).rejects.toSatisfy(
      (error) => error instanceof TypeError || error instanceof RangeError,
    );
  });

  it("rejects with Node's own code when the port is taken", async () => {
    const app = await startApplication();
    const access = await startEmulator(app.url);
    const second = startLocalAccess({ target: app.url, port: portOf(access) });
    await expect(second).rejects.toMatchObject({ code: "EADDRINUSE" });
  });
});
