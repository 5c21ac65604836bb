import { expect, it } from "vitest";
import { createVerifier } from "../../src/index.ts";
import { logIn, startApplication, startEmulator } from "./support.ts";

it("lets an application prove that it refuses every request that did not pass the edge", async () => {
  const app = await startApplication();
  const access = await startEmulator(app.url);
  const verifier = createVerifier({ team: access.issuer, audience: access.audience });
  app.handler = async (request, response) => {
    const verdict = await verifier.safeVerifyRequest(request);
    response.statusCode = verdict.ok ? 200 : verdict.error.status;
    response.end();
  };
  const knock = async (url: string, headers: Record<string, string>): Promise<number> =>
    (await fetch(url, { headers, redirect: "manual" })).status;

  const genuine = await logIn(access);
  expect(await knock(access.url, { cookie: `CF_Authorization=${genuine}` })).toBe(200);
  expect(await knock(app.url, { "Cf-Access-Jwt-Assertion": genuine })).toBe(200);
  expect(await knock(app.url, {})).toBe(401);

  const hostile = await access.hostileTokens();
  expect(hostile.length).toBeGreaterThan(60);
  for (const { name, token } of hostile) {
    expect(await knock(app.url, { "Cf-Access-Jwt-Assertion": token }), name).toBe(401);
    // In front of the emulator a token has no effect, and the application never sees it.
    expect(await knock(access.url, { "Cf-Access-Jwt-Assertion": token }), name).toBe(302);
  }
});
