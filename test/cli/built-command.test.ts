import { type ChildProcess, spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { copyFile, mkdtemp, open, readFile, rm, stat, writeFile } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { build, type Options } from "tsup";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import config from "../../tsup.config.ts";
import { AUD, issuer } from "./fixtures.ts";

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

/** The time at which the fixtures' tokens are valid. */
const THEN = ["verify", "--team", "acme", "--aud", AUD, "--at", "2025-01-31T10:00Z"];

/** A key takes a tenth of a second to make, so the command gets ready-made ones, as the tests do. */
const KEYS = new URL("../support/ready-made-keys.js", import.meta.url).href;

const manifest = fileURLToPath(new URL("../../package.json", import.meta.url));

/** As in the package: `package.json` beside `dist`. */
let home = "";
let command = "";

beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), "postern-"));
  await copyFile(manifest, join(home, "package.json"));
  const { bin } = JSON.parse(await readFile(manifest, "utf8"));
  command = join(home, bin.postern);
  const [options] = [config].flat().filter(({ entry }) => Object.hasOwn(entry as object, "cli"));
  const here = { outDir: join(home, "dist"), config: false, silent: true, clean: false } as const;
  await build({ ...(options as Options), ...here });
});
afterAll(() => rm(home, { recursive: true, force: true }));

interface Ended {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

function start(argv: readonly string[], env: { [name: string]: string } = {}): ChildProcess {
  return spawn(process.execPath, ["--import", KEYS, command, ...argv], {
    cwd: home,
    env: { PATH: process.env["PATH"] ?? "", ...env },
  });
}

function ending(child: ChildProcess): Promise<Ended> {
  let out = "";
  let err = "";
  child.stdout?.on("data", (chunk) => {
    out += chunk;
  });
  child.stderr?.on("data", (chunk) => {
    err += chunk;
  });
  return new Promise((resolve) => child.on("close", (code) => resolve({ code, out, err })));
}

async function postern(argv: readonly string[], stdin = "", env = {}): Promise<Ended> {
  const child = start(argv, env);
  child.stdin?.on("error", () => {});
  child.stdin?.end(stdin);
  return ending(child);
}

describe("the built command", () => {
  it("ends as usual when nothing reads its errors", async () => {
    const child = start(["verify"]);
    child.stderr?.destroy();
    expect(await ending(child)).toEqual({ code: 2, out: "", err: "" });
  });

  it("runs as it is, and prints its version", async () => {
    const { mode } = await stat(command);
    expect(mode & 0o111).not.toBe(0);
    expect((await readFile(command, "utf8")).startsWith("#!/usr/bin/env node\n")).toBe(true);
    const { version } = JSON.parse(await readFile(manifest, "utf8"));
    expect(await postern(["--version"])).toEqual({ code: 0, out: `${version}\n`, err: "" });
  });

  it("needs no file beside it except the package's own", async () => {
    const source = await readFile(command, "utf8");
    const imported = [...source.matchAll(/^import\s.*?from\s*"([^"]+)"/gms)].map(
      ([, name]) => name,
    );
    expect(imported.length).toBeGreaterThan(0);
    for (const name of imported) expect(name).toMatch(/^node:/);
  });

  it("goes from a minted token to a verdict, through pipes and files", async () => {
    const mint = [
      "token",
      "--team",
      "acme",
      "--aud",
      AUD,
      "--key",
      "key.json",
      "--jwks",
      "certs.json",
    ];
    const { out: token } = await postern(mint);
    const check = ["verify", "--team", "acme", "--keys", "certs.json", "--aud"];
    const accepted = await postern([...check, AUD, "-"], token);
    expect(accepted.out).toContain("accepted: user user@example.com\n");
    expect(accepted.code).toBe(0);
    expect((await postern([...check, AUD, `Bearer ${token.trim()}`])).code).toBe(0);

    const refused = await postern([...check, "0".repeat(64), "-"], token);
    expect(refused.out).toContain("✗ audience");
    expect(refused.code).toBe(1);

    const { mode } = await stat(join(home, "key.json"));
    expect(mode & 0o777).toBe(0o600);
    const again = await postern([...mint.slice(0, -2), "--jwks", "others.json"]);
    expect((await postern([...check, AUD, "-"], again.out)).code).toBe(0);
  });

  it.each([
    [0, ["decode", "-"]],
    [1, [...THEN, "--keys", "certs.json", "not.a.token"]],
    [2, ["verify", "-"]],
    [3, [...THEN, "--keys", "nowhere.json", "-"]],
    [3, ["keys", "http://127.0.0.1:1/"]],
  ])("exits with %d after %j", async (expected, argv) => {
    const { code } = await postern(argv, await issuer.userToken());
    expect(code).toBe(expected);
  });

  it("uses no colour in a pipe, whatever the environment says of terminals", async () => {
    for (const env of [{ TERM: "xterm-256color" }, { NO_COLOR: "1" }]) {
      const { out } = await postern(["decode", "-"], await issuer.userToken(), env);
      expect(out).toContain("UNVERIFIED");
      expect(out).not.toContain("\u001b");
    }
  });

  it("refuses input that is too large for a token or a key set", async () => {
    const { code, err } = await postern(["decode", "-"], "x".repeat(5_000_000));
    expect(err).toContain("Standard input cannot be read, or is too large.");
    expect(code).toBe(2);
    await writeFile(join(home, "large.json"), "x".repeat(5_000_000));
    const { code: unavailable, err: said } = await postern(["keys", "large.json"]);
    expect(said).toContain("the file is too large for a key set");
    expect(unavailable).toBe(3);
    expect((await postern(["keys", "./"])).err).toContain("it is a directory");
  });

  it("does not replace a file that appeared at the path of a private key", async () => {
    const argv = ["token", "--team", "acme", "--aud", AUD, "--key"];
    const { code, err } = await postern([...argv, "missing/key.json"]);
    expect(err).toContain("The file of --key cannot be written (ENOENT).");
    expect(code).toBe(2);
  });

  it("ends quietly when nothing reads its output any more", async () => {
    const child = start(["token", "--hostile", "list"]);
    child.stdout?.once("data", () => child.stdout?.destroy());
    const { err } = await ending(child);
    expect(err).toBe("");
  });

  it.runIf(existsSync("/dev/full"))(
    "says that a full disk has no room for its output",
    async () => {
      const full = await open("/dev/full", "w");
      const child = spawn(process.execPath, [command, "help"], {
        stdio: ["ignore", full.fd, "pipe"],
      });
      const { code, err } = await ending(child);
      await full.close();
      expect(err).toBe("Standard output cannot be written (ENOSPC).\n");
      expect(code).toBe(2);
    },
  );

  it.each(["stdout", "stderr"] as const)(
    "guards on when nothing reads its %s any more",
    async (lost) => {
      const local = start(["local", "1", "--port", "0", "--json"]);
      const localEnded = ending(local);
      const line = await new Promise<string>((resolve) => local.stdout?.once("data", resolve));
      const { url: team } = JSON.parse(String(line));
      const argv = ["--team", team, "--aud", AUD, "--listen", "127.0.0.1:0", "--json"];
      const child = start(["guard", ...argv]);
      const ended = new Promise((resolve) => child.once("exit", resolve));
      child.stdout?.resume();
      const said = await new Promise<string>((resolve) =>
        child.stderr?.on("data", (text) => /^\{.*\}\n/m.test(text) && resolve(String(text))),
      );
      const { url } = JSON.parse(/^\{.*\}$/m.exec(said)?.[0] ?? "");
      child[lost]?.destroy();
      for (let times = 0; times < 3; times++) {
        // It writes a line to each of the two.
        child.kill("SIGHUP");
        expect((await fetch(url)).status).toBe(401);
        await new Promise((resolve) => setTimeout(resolve, 100));
      }
      child.kill("SIGTERM");
      expect(await ended).toBe(0);
      local.kill("SIGINT");
      await localEnded;
    },
  );

  it("runs in front of an application until it is interrupted", async () => {
    const application: Server = createServer((_, response) => response.end());
    await new Promise<void>((resolve) => application.listen(0, "127.0.0.1", resolve));
    const { port } = application.address() as AddressInfo;
    const child = start(["local", String(port), "--port", "0", "--json"]);
    const ended = ending(child);
    const line = await new Promise<string>((resolve) => child.stdout?.once("data", resolve));
    const { url, audience } = JSON.parse(String(line));
    const { out: token } = await postern(["token", "--from", url, "--email", "ada@example.com"]);
    const check = ["verify", "--team", url, "--aud", audience, "-"];
    const { out, err, code } = await postern(check, token);
    expect(out).toContain("accepted: user ada@example.com");
    expect(err).toContain("tokens prove nothing");
    expect(code).toBe(0);
    child.kill("SIGINT");
    expect((await ended).code).toBe(0);
    await expect(fetch(url)).rejects.toThrow();
    application.close();
  });
});
