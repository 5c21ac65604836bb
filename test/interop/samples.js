// The two sample programs, built and run: each with its own Local Access in front of it.
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { startLocalAccess } from "postern/local";
import { freePort } from "../../examples/local/start.js";

const here = fileURLToPath(new URL(".", import.meta.url));

/** Where each sample expects the token. */
export const CARRIERS = {
  go: (token) => ({ "Cf-Access-Jwt-Assertion": token }),
  python: (token) => ({ Cookie: `CF_Authorization=${token}` }),
};

/** Builds the Go program from Debian's packages alone, without a network. */
export async function buildGo() {
  const folder = await mkdtemp(join(tmpdir(), "postern-interop-"));
  const binary = join(folder, "sample");
  const environment = {
    ...process.env,
    GO111MODULE: "off",
    GOPATH: process.env.GOCODE ?? "/usr/share/gocode",
    GOFLAGS: "",
    GOCACHE: join(folder, "cache"),
  };
  const built = spawnSync("go", ["build", "-o", binary, join(here, "go", "main.go")], {
    env: environment,
    encoding: "utf8",
    timeout: 300_000,
  });
  if (built.status !== 0) throw new Error(`go build: ${built.error?.message ?? built.stderr}`);
  return { binary, clean: () => rm(folder, { recursive: true, force: true }) };
}

/** Starts a sample on a free port, with Local Access in front of it, and waits until it listens. */
export async function startSample(name, command, args) {
  const port = await freePort();
  const access = await startLocalAccess({
    target: `http://127.0.0.1:${port}`,
    port: 0,
    // To get a service's own token, and send it to both servers.
    strictServiceTokens: false,
  });
  try {
    const { stop, ...program } = await startProgram(name, command, args, { ...access, port });
    return {
      ...program,
      access,
      async stop() {
        await stop();
        await access.close();
      },
    };
  } catch (error) {
    await access.close();
    throw error;
  }
}

/** Starts a sample that trusts the given issuer, and waits until it listens. */
export async function startProgram(name, command, args, { issuer, audience, port }) {
  const child = spawn(command, args, {
    stdio: "ignore",
    env: {
      ...process.env,
      PORT: String(port),
      TEAM_DOMAIN: issuer,
      POLICY_AUD: audience,
      NO_PROXY: "*",
    },
  });
  const exited = once(child, "exit");
  const program = {
    name,
    url: `http://127.0.0.1:${port}`,
    carry: CARRIERS[name],
    async stop() {
      child.kill("SIGKILL");
      await exited;
    },
  };
  try {
    await listening(port, child);
  } catch (error) {
    await program.stop();
    throw error;
  }
  return program;
}

async function listening(port, child) {
  for (let attempt = 0; attempt < 300; attempt++) {
    if (child.exitCode !== null) throw new Error(`it ended with ${child.exitCode}`);
    const socket = connect(port, "127.0.0.1");
    const isOpen = await new Promise((resolve) => {
      socket.once("connect", () => resolve(true));
      socket.once("error", () => resolve(false));
    });
    socket.destroy();
    if (isOpen) return;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error("it does not listen");
}
