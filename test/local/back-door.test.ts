import { spawn } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { createServer, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { build } from "esbuild";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { createVerifier, decodeUnverified } from "../../src/index.ts";
import { PATHS } from "../docs/paths.ts";
import { startApplication } from "./support.ts";

const EXAMPLE = "examples/local/back-door.js";
const KEYS = new URL("../support/ready-made-keys.js", import.meta.url).href;

let folder = "";
let program = "";

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "postern-back-door-"));
  program = join(folder, "back-door.mjs");
  // The port is the default one when the program is started by hand; here each start has its own.
  const contents = (await readFile(EXAMPLE, "utf8")).replace("audience }", "audience, port: 0 }");
  await build({
    stdin: { contents, resolveDir: process.cwd() },
    outfile: program,
    bundle: true,
    format: "esm",
    platform: "node",
    alias: { ...PATHS },
  });
});
afterAll(() => rm(folder, { recursive: true, force: true }));

interface Ended {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

/** Runs the program of the page as a process of its own. */
function start(page: string, ...argv: readonly string[]): Promise<Ended> {
  const child = spawn(process.execPath, ["--import", KEYS, program, page, ...argv]);
  let out = "";
  let err = "";
  child.stdout.on("data", (chunk) => {
    out += chunk;
  });
  child.stderr.on("data", (chunk) => {
    err += chunk;
  });
  return new Promise((resolve) => child.on("close", (code) => resolve({ code, out, err })));
}

let runs = 0;

/** Runs the program in this process, which takes half the time: each import of its own. */
async function run(page: string, ...argv: readonly string[]): Promise<Ended> {
  const own = process.argv;
  process.argv = [process.execPath, program, page, ...argv];
  const out = vi.spyOn(console, "log").mockReturnValue();
  const err = vi.spyOn(console, "error").mockReturnValue();
  const textOf = ({ mock }: typeof out): string => mock.calls.map(([line]) => `${line}\n`).join("");
  try {
    await import(`${pathToFileURL(program)}?${runs++}`);
    return { code: Number(process.exitCode), out: textOf(out), err: textOf(err) };
  } finally {
    process.exitCode = undefined;
    process.argv = own;
    vi.restoreAllMocks();
  }
}

/** The answers of an application whose team is the one of the first token it receives. */
function guard(audience: string, answers: { refused?: number; accepted?: number } = {}) {
  let verifier: ReturnType<typeof createVerifier> | undefined;
  const listener: RequestListener = async (request, response) => {
    const { refused = 401, accepted = 200 } = answers;
    try {
      const token = String(request.headers["cf-access-jwt-assertion"] ?? "");
      verifier ??= createVerifier({ team: String(decodeUnverified(token).payload.iss), audience });
      await verifier.verifyRequest(request);
      response.statusCode = accepted;
    } catch {
      response.statusCode = refused;
    }
    response.end();
  };
  return listener;
}

async function derivedAudience(page: string): Promise<string> {
  const { startLocalAccess } = await import("../../src/local/index.ts");
  const access = await startLocalAccess({ target: new URL(page).origin, port: 0 });
  await access.close();
  return access.audience;
}

describe("the test of a back door", () => {
  it("reports its settings, and shows that a genuine token is accepted and the others are not", async () => {
    const app = await startApplication();
    const audience = await derivedAudience(app.url);
    app.handler = guard(audience);
    const { code, out, err } = await start(`${app.url}/admin`);
    expect(err).toBe("");
    expect(out).toMatch(
      /must run with\n {2}team {6}http:\/\/127\.0\.0\.1:\d+\n {2}audience {2}[0-9a-f]{64}\n/,
    );
    expect(out).toContain(audience);
    expect(out).toContain("A genuine token was accepted.\nNo token, and ");
    expect(code).toBe(0);
  });

  it("uses the application's audience", async () => {
    const app = await startApplication(guard("app"));
    const { code, out } = await run(app.url, "app");
    expect(out).toContain("audience  app");
    expect(code).toBe(0);
  });

  it("counts 403 as a refusal as well", async () => {
    const app = await startApplication(guard("app", { refused: 403 }));
    expect((await run(app.url, "app")).code).toBe(0);
  });

  it.each<[how: string, handler: RequestListener]>([
    ["has another audience", guard("another")],
    ["refuses every request", (_, response) => void response.writeHead(401).end()],
    ["is broken", (_, response) => void response.writeHead(500).end()],
    ["redirects every request", (_, response) => void response.writeHead(302).end()],
    ["has no such page", guard("app", { accepted: 404 })],
  ])("proves nothing, says so and fails when the application %s", async (_, handler) => {
    const app = await startApplication(handler);
    const { code, out, err } = await run(app.url, "app");
    expect(err).toMatch(
      /^A genuine token got \d+ instead of 200, so this test proves nothing\.\n$/,
    );
    expect(out).not.toContain("refused");
    expect(code).toBe(1);
  });

  it.each<[how: string, status: number]>([
    ["lets them in", 200],
    ["redirects them", 302],
    ["breaks", 500],
    ["cannot tell", 503],
  ])("fails and names what was not refused when the application %s", async (_, refused) => {
    const app = await startApplication(guard("app", { refused }));
    const { code, out, err } = await run(app.url, "app");
    expect(err).toContain(`no token was not refused, but got ${refused}.`);
    expect(err).toMatch(
      new RegExp(`^alg-none\\S* was not refused, but got ${refused}\\. \\w`, "m"),
    );
    expect(out).not.toContain("were refused");
    expect(code).toBe(1);
  });

  it("fails when nothing listens", async () => {
    const server = createServer().listen(0, "127.0.0.1");
    await new Promise((resolve) => server.once("listening", resolve));
    const { port } = server.address() as AddressInfo;
    await new Promise((resolve) => server.close(resolve));
    const { code, out } = await start(`http://127.0.0.1:${port}/`, "app");
    expect(out).not.toContain("let in");
    expect(code).toBe(1);
  });
});

it("is the program that the page shows", async () => {
  const page = await readFile("docs/guide/local-development.md", "utf8");
  expect(page).toContain(`\`\`\`js\n${await readFile(EXAMPLE, "utf8")}\`\`\``);
});
