// Drives every example against the real framework: `npm test`, or `npm test -- hono koa` for some.
import { cpSync, existsSync, readFileSync, writeFileSync } from "node:fs";
import { copyExample, linkPackage, run, startApp } from "./lib/app.js";
import { installPostern } from "./lib/install.js";
import { createReport } from "./lib/report.js";

const FAULT = new URL("lib/fault.mjs", import.meta.url);

await installPostern();
// These import the package, which has only just been put in its place.
const { FRAMEWORKS } = await import("./frameworks.js");
const { CHECKS } = await import("./lib/checks.js");
const { startIssuer } = await import("./lib/issuer.js");

const wanted = process.argv.slice(2);
const report = createReport();

const queue = FRAMEWORKS.filter(({ example, folder = example }) => {
  return wanted.length === 0 || wanted.includes(folder);
});

// Two at once: one builds while the other waits for its answers.
await Promise.all([work(), work()]);
report.end();

async function work() {
  for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
    const framework = next;
    await report.row(framework.name, checksOf(framework), () => prepare(framework));
  }
}

function checksOf({ checks = CHECKS, without = [] }) {
  return checks.filter(([title]) => !without.includes(title));
}

async function prepare(framework) {
  if (framework.example === undefined) return framework;
  const {
    example,
    folder: copy = example,
    build,
    start = "node server.js",
    replace = {},
    env: own = {},
  } = framework;
  const issuer = await startIssuer();
  const folder = copyExample(example, copy);
  for (const [file, [from, to]] of Object.entries(replace)) {
    const path = `${folder}/${file}`;
    writeFileSync(path, readFileSync(path, "utf8").replaceAll(from, to));
  }
  if (framework.variant)
    cpSync(new URL(`variants/${framework.variant}`, import.meta.url), `${folder}/server.js`);
  for (const [name, other] of Object.entries(framework.link ?? {}))
    linkPackage(folder, name, other);
  if (framework.prepend) {
    const path = `${folder}/${framework.prepend}`;
    const way = "../".repeat(framework.prepend.split("/").length - 1) || "./";
    writeFileSync(path, `import "${way}fault.mjs";\n${readFileSync(path, "utf8")}`);
  }
  if (framework.prepend || framework.copyFault) cpSync(FAULT, `${folder}/fault.mjs`);
  const env = { TEAM_DOMAIN: issuer.url, POLICY_AUD: issuer.audience, ...own };
  if (build !== undefined) await run(build, folder, { env });
  const app = framework.serve
    ? await framework.serve(folder, env)
    : await startApp({ command: start, folder, env, preload: framework.preload });
  return {
    ...framework,
    issuer,
    port: app.port,
    at: (path) => `${app.url}${path}`,
    async close() {
      await app.stop();
      await issuer.close();
      if (existsSync(process.env["KEEP_OUTPUT"] ?? "")) console.log(app.output());
    },
  };
}
