import { describe, expect, it, vi } from "vitest";
import { guard } from "../../src/adapters/fetch.ts";
import { createVerifier } from "../../src/index.ts";
import { createTestIssuer, describeKnock, knock } from "../../src/knock/testing.ts";

// Makes RSA keys and every hostile token.
vi.setConfig({ testTimeout: 60_000 });

const made = await createTestIssuer({ team: "knock-test" });
const hostile = await made.hostileTokens();
// Signed once, for all knocks.
const issuer = { ...made, hostileTokens: async () => hostile };
const { issuer: team, audience } = issuer;
const verifier = createVerifier({ team, audience, remote: { fetch: issuer.fetch } });
const right = guard(verifier, () => new Response("secret"));

describe("a knock from a test", () => {
  it("finds a correct application shut, with every hostile token", async () => {
    const report = await knock({ fetch: (request) => right(request), issuer });
    expect(report.verdict, describeKnock(report)).toBe("shut");
    const names = report.knocks.map(({ name }) => name);
    expect(names).toEqual(expect.arrayContaining(["nothing", "control-header", "org-token"]));
    for (const { name } of hostile) expect(names).toContain(name);
  });

  it.each([
    ["no guard", async () => new Response("secret"), "nothing"],
    [
      "a trusted e-mail header",
      async (request: Request) =>
        request.headers.has("Cf-Access-Authenticated-User-Email")
          ? new Response("secret")
          : right(request),
      "email-header",
    ],
    [
      "HEAD that is not guarded",
      async (request: Request) => (request.method === "HEAD" ? new Response(null) : right(request)),
      "head",
    ],
  ])("finds %s", async (_, fetch, name) => {
    const report = await knock({ fetch, issuer });
    const open = report.knocks.filter(({ outcome }) => outcome === "open");
    expect(report.verdict).toBe("open");
    expect(open.map((one) => one.name)).toContain(name);
  });

  it.each([
    ["the audience", { check: "aud" }, "genuine-of-another-application"],
    ["the expiry", { check: "exp" }, "genuine-expired"],
    ["the type", { check: "type" }, "genuine-of-the-whole-team"],
  ])("finds that %s is not checked", async (_, { check }, name) => {
    const lenient = createVerifier({
      ...{ team, audience: [audience, "0".repeat(64)], remote: { fetch: issuer.fetch } },
      ...(check === "exp" && { now: () => Date.now() - 5_400_000, clockToleranceSeconds: 300 }),
      ...(check === "type" && { tokenType: "any" as const }),
    });
    const strictly =
      check === "aud"
        ? lenient
        : createVerifier({
            ...{ team, audience, remote: { fetch: issuer.fetch } },
            ...(check === "type" && { tokenType: "any" as const }),
          });
    const late = async (request: Request): Promise<Response> => {
      const result = await strictly.safeVerifyRequest(request);
      const isExpired = !result.ok && result.error.code === "token_expired";
      const isIn = result.ok || (check === "exp" && isExpired);
      return isIn ? new Response("secret") : new Response(null, { status: 401 });
    };
    const report = await knock({ fetch: late, issuer });
    const open = report.knocks.filter(({ outcome }) => outcome === "open");
    expect(open.map((one) => one.name)).toContain(name);
  });

  it("proves nothing when the genuine token is refused", async () => {
    const nailed = async (): Promise<Response> => new Response(null, { status: 401 });
    await expect(knock({ fetch: nailed, issuer })).rejects.toThrow(/genuine token got 401/);
  });

  it("asks for an application that runs when the genuine token gets a server error", async () => {
    const down = async (): Promise<Response> => new Response(null, { status: 502 });
    await expect(knock({ fetch: down, issuer })).rejects.toThrow(
      /genuine token got 502 .+: start the application and its guard/,
    );
  });

  it("says that answers of 503 alone do not show who refused", async () => {
    const absent = async (): Promise<Response> => new Response(null, { status: 503 });
    const report = await knock({ fetch: absent });
    expect(report.verdict).toBe("shut");
    expect(report.untried.join(" ")).toContain("Every answer was 503.");
  });

  it("says what it could not try without an issuer", async () => {
    const fetch = async (): Promise<Response> => new Response(null, { status: 401 });
    const report = await knock({ fetch });
    expect(report.verdict).toBe("shut");
    expect(report.untried.join(" ")).toContain("test issuer");
    expect(report.untried.join(" ")).toContain("cannot send");
  });

  it.each([
    [{}, /url must be/],
    [{ fetch: 1 }, /fetch must be a function/],
    [{ url: "ftp://x" }, /url must be/],
    [{ url: "http://x", paths: ["x"] }, /paths must be/],
    [{ url: "http://x", paths: [] }, /paths must be/],
    [{ url: "http://x", token: "" }, /token must be/],
    [{ url: "http://x", audience: [""] }, /audience must be/],
    [{ url: "http://x", path: "/" }, /did you mean "paths"/],
    [{ url: "http://x", issuer: {} }, /issuer must be/],
  ])("refuses wrong options: %j", async (options, message) => {
    await expect(knock(options as never)).rejects.toThrow(message);
    await expect(knock(options as never)).rejects.toThrow(TypeError);
  });

  it("shows a table within a hundred columns", async () => {
    const long = `/${"long-".repeat(40)}`;
    const report = await knock({ fetch: async () => new Response("secret"), paths: [long] });
    const lines = describeKnock(report).split("\n");
    expect(Math.max(...lines.map(({ length }) => length))).toBeLessThanOrEqual(100);
    expect(describeKnock(report)).toMatch(/OPEN: .*\n/);
    expect(describeKnock(report)).toContain("To do:");
  });
});
