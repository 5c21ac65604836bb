import { readFile, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";

const modules = join(import.meta.dirname, "node_modules");
const GUIDE = join(import.meta.dirname, "../../docs/guide/environments.md");

/** The suite as a single test of a user's project, with the packages beside it. */
const TEST = `import { run } from "./entry.js";

test("the suite", () => run(), 120_000);
`;

async function prepare(folder, head = "") {
  await symlink(modules, join(folder, "node_modules"));
  await writeFile(join(folder, "suite.test.js"), `${head}${TEST}`);
}

/** Vitest with jsdom's window, unchanged. */
export async function vitest(node, folder) {
  await prepare(folder, 'import { test } from "vitest";\n');
  const main = join(modules, "vitest", "vitest.mjs");
  return [node, main, "run", "--root", folder, "--environment", "jsdom"];
}

/** Jest with the environment that the guide shows. */
export async function jest(node, folder) {
  await prepare(folder);
  const [, environment] = /^```js\n(import \{ TestEnvironment \}[\s\S]*?)^```$/m.exec(
    await readFile(GUIDE, "utf8"),
  );
  await writeFile(join(folder, "jest-environment.mjs"), environment);
  const config = { testEnvironment: "./jest-environment.mjs", transform: {} };
  const main = join(modules, "jest", "bin", "jest.js");
  const options = ["--rootDir", folder, "--config", JSON.stringify(config), "--no-cache"];
  return [node, "--experimental-vm-modules", "--no-warnings", main, ...options];
}
