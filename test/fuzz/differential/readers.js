// Five readers of the same tokens, each set up as its own documentation shows it for such an issuer.
import { spawnSync } from "node:child_process";
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";
import { JwtVerifier } from "aws-jwt-verify";
import { createRemoteJWKSet, jwtVerify } from "jose";
import { createVerifier } from "../../../dist/index.js";
import { freePort } from "../../../examples/local/start.js";
import { knock } from "../../interop/batch.js";
import { buildGo, startProgram } from "../../interop/samples.js";

const require = createRequire(import.meta.url);
const PYTHON = process.env.PYTHON ?? "/usr/bin/python3";

/** @returns the readers, and a function that stops those in other processes */
export async function startReaders({ issuer, audience, certs, jwks }) {
  const verifier = createVerifier({ team: issuer, audience });
  const keys = createRemoteJWKSet(new URL(certs));
  const aws = JwtVerifier.create({ issuer, audience, jwksUri: certs });
  aws.cacheJwks(jwks);
  const library = (name, verify) => ({
    name,
    version: require(`../node_modules/${name}/package.json`).version,
    accepts: async (token) => {
      try {
        await verify(token);
        return true;
      } catch {
        return false;
      }
    },
  });
  const go = await buildGo();
  const programs = [];
  const stop = async () => {
    for (const program of programs) await program.stop();
    await go.clean();
  };
  const program = async (name, title, version, command, args) => {
    const sample = await startProgram(name, command, args, {
      ...{ issuer, audience, port: await freePort() },
    });
    programs.push(sample);
    const accepts = async (token) => (await knock(sample.url, sample.carry(token))) === 200;
    return { name: title, version, accepts };
  };
  try {
    const app = fileURLToPath(new URL("../../interop/python/app.py", import.meta.url));
    return {
      readers: [
        {
          name: "postern",
          version: require("../../../package.json").version,
          accepts: async (token) => (await verifier.safeVerify(token)).ok,
        },
        library("jose", (token) => jwtVerify(token, keys, { issuer, audience })),
        library("aws-jwt-verify", (token) => aws.verify(token)),
        await program("go", "Go sample", goVersion(), go.binary, []),
        await program("python", "Python sample", pythonVersion(), PYTHON, [app]),
      ],
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

function pythonVersion() {
  const script = "import jwt; print('PyJWT', jwt.__version__)";
  return spawnSync(PYTHON, ["-c", script], { encoding: "utf8" }).stdout.trim();
}

function goVersion() {
  const [version] =
    /go[\d.]+/.exec(spawnSync("go", ["version"], { encoding: "utf8" }).stdout) ?? [];
  const show = ["--show", "golang-github-coreos-go-oidc-dev"];
  const [, oidc = ""] = spawnSync("dpkg-query", show, { encoding: "utf8" }).stdout.split("\t");
  return `${version}, go-oidc ${/^[\d.]+/.exec(oidc)?.[0]}`;
}
