// The shell of docs/guide/testing-your-door.md, run against a guarded application as written there.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { freePort } from "../../examples/local/start.js";
import { startPostern } from "./batch.js";

const PAGE = new URL("../../docs/guide/testing-your-door.md", import.meta.url);
const COMMAND = fileURLToPath(new URL("../../dist/cli.js", import.meta.url));

/** Runs the page's commands: their exit code and what they print. */
async function run({ team, target }) {
  const folder = await mkdtemp(join(tmpdir(), "postern-page-"));
  try {
    const commands = join(folder, "node_modules", ".bin");
    await mkdir(commands, { recursive: true });
    const postern = join(commands, "postern");
    await writeFile(postern, `#!/bin/sh\nexec '${process.execPath}' '${COMMAND}' "$@"\n`);
    await chmod(postern, 0o755);
    const [, block = ""] =
      /```sh\n(mkdir -p cdn-cgi.*?)```/s.exec(await readFile(PAGE, "utf8")) ?? [];
    const script = block.replaceAll("9000", new URL(team).port).replaceAll("3000", target);
    const child = spawn("sh", ["-c", script], {
      cwd: folder,
      stdio: ["ignore", "pipe", "ignore"],
      timeout: 120_000,
    });
    let out = "";
    child.stdout.on("data", (chunk) => {
      out += chunk;
    });
    const [code] = await once(child, "close");
    // Python's server prints a line when it starts, if there is time.
    return { code, out: out.replace(/^Serving HTTP .*\n/m, "") };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** What the page's commands report of a correct, a misconfigured and an unprotected application. */
export async function tellPage(check) {
  const team = `http://127.0.0.1:${await freePort()}`;
  for (const { title, audience, isOpen, code, says } of [
    { title: "a correct application passes", audience: "app", code: 0, says: /^$/ },
    {
      title: "an application with another audience is reported as no proof",
      audience: "another",
      code: 1,
      says: /^A genuine token got 401 in place of 200: this test proves nothing\n$/,
    },
    {
      title: "an unprotected application is reported",
      audience: "app",
      isOpen: true,
      code: 1,
      says: /^(?:\S+ was not refused, but got 200\n){100,}$/,
    },
  ]) {
    const application = await startPostern({ issuer: team, audience, isOpen });
    try {
      const answer = await run({ team, target: new URL(application.url).port });
      const isRight = answer.code === code && says.test(answer.out);
      check(`testing your door, in shell: ${title}`, isRight, JSON.stringify(answer).slice(0, 500));
    } finally {
      await application.stop();
    }
  }
}
