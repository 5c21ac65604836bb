// Puts the package, as it would be published, where the examples find it beside their frameworks.
import { execFileSync } from "node:child_process";
import { cpSync, existsSync, mkdirSync, readdirSync, rmSync, statSync } from "node:fs";
import { fileURLToPath } from "node:url";

const ROOT = fileURLToPath(new URL("../../..", import.meta.url));
const MODULES = fileURLToPath(new URL("../node_modules", import.meta.url));
const OLDEST_MODULES = fileURLToPath(new URL("../oldest/node_modules", import.meta.url));

export async function installPostern() {
  if (newest(`${ROOT}src`) > newest(`${ROOT}dist`)) {
    execFileSync("npm", ["run", "build", "--silent"], {
      cwd: ROOT,
      stdio: ["ignore", "ignore", 2],
    });
  }
  if (!existsSync(OLDEST_MODULES)) throw new Error("npm ci has not installed the oldest releases");
  const place = `${MODULES}/postern`;
  rmSync(place, { recursive: true, force: true });
  mkdirSync(place, { recursive: true });
  const options = { cwd: ROOT, encoding: "utf8" };
  const packed = execFileSync(
    "npm",
    ["pack", "--ignore-scripts", "--json", `--pack-destination=${place}`],
    options,
  );
  const [{ filename }] = JSON.parse(packed);
  execFileSync("tar", ["xzf", filename, "--strip-components=1"], { cwd: place });
  rmSync(`${place}/${filename}`);
  rmSync(`${OLDEST_MODULES}/postern`, { recursive: true, force: true });
  cpSync(place, `${OLDEST_MODULES}/postern`, { recursive: true });
}

/** The time of the newest file below a folder; 0 when there is none. */
function newest(folder) {
  if (!existsSync(folder)) return 0;
  const files = readdirSync(folder, { recursive: true, withFileTypes: true });
  const times = files
    .filter((file) => file.isFile())
    .map(({ parentPath, name }) => statSync(`${parentPath}/${name}`).mtimeMs);
  return Math.max(0, ...times);
}
