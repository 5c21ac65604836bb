import { execFile } from "node:child_process";
import { generateKeyPairSync, sign } from "node:crypto";
import {
  cp,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  rename,
  symlink,
  writeFile,
} from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, posix, relative } from "node:path";
import { promisify } from "node:util";

const here = import.meta.dirname;
export const root = join(here, "..", "..");
const STEP_LIMIT_MS = 180_000;
// The files of a clean checkout that a build needs: no build output, and no tests.
const LEFT_OUT = [".git", "node_modules", "dist", "coverage", "test", "bench", "examples"];

/**
 * Runs a program to its end, within a time limit.
 * @returns its standard output
 * @throws with all its output, when it fails
 */
export async function run(cwd, file, ...args) {
  // The variables that npm sets for its scripts would change another npm.
  const kept = Object.entries(process.env).filter(([name]) => !/^npm_/i.test(name));
  const env = { ...Object.fromEntries(kept), DENO_NO_UPDATE_CHECK: "1", NO_COLOR: "1" };
  try {
    const options = { cwd, env, timeout: STEP_LIMIT_MS, maxBuffer: 2 ** 26 };
    return (await promisify(execFile)(file, args, options)).stdout;
  } catch (error) {
    throw new Error(`${error.message}\n${error.stdout ?? ""}\n${error.stderr ?? ""}`);
  }
}

/** npm without the network: its registry does not exist. */
export function npm(cwd, ...args) {
  const offline = ["--offline", "--registry=http://127.0.0.1:9/", "--update-notifier=false"];
  const quiet = ["--no-audit", "--no-fund", `--cache=${join(workbench().folder, "npm")}`];
  return run(cwd, "npm", ...args, ...offline, ...quiet);
}

/** A program of this folder's own dependencies. */
export function tool(cwd, name, ...args) {
  return run(cwd, join(here, "node_modules", ".bin", name), ...args);
}

/**
 * Two clean builds in two folders outside the repository, the tarball of the first, and a folder
 * where that tarball is installed.
 */
export async function prepareWorkbench() {
  const folder = await mkdtemp(join(tmpdir(), "postern-package-"));
  process.env.POSTERN_WORKBENCH = folder;
  const { builds, consumer } = workbench();
  await Promise.all(builds.map(buildIn));
  await mkdir(consumer);
  await writeFile(join(consumer, "package.json"), '{ "private": true, "type": "module" }\n');
  await npm(consumer, "install", "--ignore-scripts", workbench().tarballs[0]);
  await writeFile(join(folder, "sample.json"), JSON.stringify(makeSample()));
}

/** Where everything is. */
export function workbench() {
  const folder = process.env.POSTERN_WORKBENCH;
  if (folder === undefined) throw new Error("run it through `npm --prefix test/package test`");
  const builds = [join(folder, "one"), join(folder, "two")];
  const consumer = join(folder, "consumer");
  return {
    folder,
    builds,
    tarballs: builds.map((build) => join(build, "packed", "postern.tgz")),
    consumer,
    installed: join(consumer, "node_modules", "postern"),
  };
}

async function buildIn(build) {
  const isWanted = (path) => !LEFT_OUT.includes(relative(root, path));
  await cp(root, build, { recursive: true, filter: isWanted });
  await symlink(join(root, "node_modules"), join(build, "node_modules"));
  await npm(build, "run", "build");
  const packed = join(build, "packed");
  await mkdir(packed);
  await npm(build, "pack", "--ignore-scripts", "--pack-destination", packed);
  const [tarball] = await readdir(packed);
  await rename(join(packed, tarball), join(packed, "postern.tgz"));
}

/**
 * A project that installed the package: it sees only the named packages besides.
 * @param files by name, their text
 */
export async function project(name, files, packages = []) {
  const folder = join(workbench().consumer, name);
  await mkdir(folder, { recursive: true });
  for (const [file, text] of Object.entries(files)) {
    const path = join(folder, file);
    await mkdir(join(path, ".."), { recursive: true });
    await writeFile(path, text);
  }
  for (const seen of packages) {
    const path = join(folder, "node_modules", seen);
    await mkdir(join(path, ".."), { recursive: true });
    await symlink(join(here, "node_modules", seen), path);
  }
  return folder;
}

export function fixture(name) {
  return readFile(join(here, "fixtures", name), "utf8");
}

/**
 * A declaration file of the installed package and all that it imports, by path or by name.
 * @param path below the package's folder, with slashes
 */
export async function declarationsOf(path, found = new Set()) {
  if (found.has(path) || !path.startsWith("dist/")) return found.add(path);
  found.add(path);
  const text = await readFile(join(workbench().installed, path), "utf8");
  const code = text.replaceAll(/\/\*.*?\*\//gs, "");
  for (const [, specifier] of code.matchAll(/\b(?:from|import) ['"]([^'"]+)['"]/g)) {
    const target = specifier.startsWith(".")
      ? posix.join(posix.dirname(path), specifier).replace(/\.(c?)js$/, ".d.$1ts")
      : specifier;
    await declarationsOf(target, found);
  }
  return found;
}

/** The entries of the installed package that need no types of others, as users import them. */
export async function plainEntries() {
  const text = await readFile(join(workbench().installed, "package.json"), "utf8");
  const plain = [];
  for (const [entry, target] of Object.entries(JSON.parse(text).exports)) {
    if (typeof target === "string") continue;
    const needed = await declarationsOf(posix.normalize(target.import.types));
    if ([...needed].every((path) => path.startsWith("dist/")))
      plain.push(entry.replace(".", "postern"));
  }
  return plain;
}

/** A key set, a token that must be accepted with it, and one that must not. */
function makeSample() {
  const { publicKey, privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
  const encode = (value) => Buffer.from(JSON.stringify(value)).toString("base64url");
  const claims = {
    iss: "https://acme.cloudflareaccess.com",
    aud: ["app"],
    exp: Math.floor(Date.now() / 1000) + 86_400,
    type: "app",
    sub: "1",
    email: "grace@example.com",
  };
  const input = `${encode({ alg: "RS256", kid: "one" })}.${encode(claims)}`;
  const token = `${input}.${sign("sha256", Buffer.from(input), privateKey).toString("base64url")}`;
  const forged = `${input}.${Buffer.alloc(256).toString("base64url")}`;
  const jwk = { ...publicKey.export({ format: "jwk" }), kid: "one" };
  return { jwks: { keys: [jwk] }, token, forged };
}

const VERDICT = '["grace@example.com","signature_invalid"]\n';

/** A program that verifies the two tokens of the sample and prints the results. */
export async function program(importLine) {
  const sample = await readFile(join(workbench().folder, "sample.json"), "utf8");
  return `${importLine}
const { jwks, token, forged } = ${sample};
async function main() {
  const { verify } = createVerifier({ team: "acme", audience: "app", keys: jwks });
  const { principal } = await verify(token);
  const refusal = await verify(forged).catch((error) => error);
  console.log(JSON.stringify([principal.email, isTokenError(refusal) && refusal.code]));
}
main();
`;
}

/** Runs the result of building such a program. */
export async function assertVerifies(folder, ...command) {
  const said = await run(folder, ...command);
  if (said !== VERDICT) throw new Error(`expected ${VERDICT}got ${said}`);
}
