// Makes the command one file that needs no Node: https://nodejs.org/api/single-executable-applications.html
import { execFileSync } from "node:child_process";
import { chmod, copyFile, mkdir, readFile, writeFile } from "node:fs/promises";
import { join, relative } from "node:path";
import { build } from "esbuild";
import { inject } from "postject";

/** The mark in Node's program that says whether it holds an application. */
const FUSE = "NODE_SEA_FUSE_fce680ab2cc467b6e072b8b5df1996b2";

const folder = import.meta.dirname;
const out = join(folder, "dist");
const { version } = JSON.parse(await readFile(join(folder, "../../package.json"), "utf8"));
await mkdir(out, { recursive: true });
await build({
  entryPoints: [join(folder, "main.ts")],
  outfile: join(out, "postern.cjs"),
  bundle: true,
  platform: "node",
  target: "node20",
  // Node 20 takes nothing else.
  format: "cjs",
  define: { VERSION: JSON.stringify(version), "import.meta.dirname": "undefined" },
  // The version is already in the bundle, and a single file has no address.
  logOverride: { "empty-import-meta": "silent" },
});
const blob = join(out, "postern.blob");
const config = join(out, "sea.json");
await writeFile(
  config,
  JSON.stringify({
    main: join(out, "postern.cjs"),
    output: blob,
    disableExperimentalSEAWarning: true,
  }),
);
execFileSync(process.execPath, ["--experimental-sea-config", config], { stdio: "ignore" });
const program = join(out, "postern");
await copyFile(process.execPath, program);
await inject(program, "NODE_SEA_BLOB", await readFile(blob), { sentinelFuse: FUSE });
await chmod(program, 0o755);
console.log(
  `${relative(process.cwd(), program)} (Node ${process.version}, ${process.platform} ${process.arch})`,
);
