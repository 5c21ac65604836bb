// Runs every example on its real framework: `npm test`, or `npm test -- hono koa` for some.
import { cpSync, existsSync } from "node:fs";
import { copyExample, linkPackage, prependFault, replaceIn, run, startApp } from "./lib/app.js";
import { installPostern } from "./lib/install.js";
import { createReport } from "./lib/report.js";

const UNKNOWN = { TEAM_DOMAIN: "", POLICY_AUD: "" };
const FAULT = new URL("lib/fault.mjs", import.meta.url);

await installPostern();
// These import the package, which was installed only just before.
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
  const { example, variant, folder: name = example } = framework;
  if (example === undefined && variant === undefined) return framework;
  const { build, start = "node server.js", serve, preload, replace = {}, link = {} } = framework;
  const issuer = await startIssuer();
  const folder = copyExample(example, name, framework);
  replaceIn(folder, replace);
  for (const [alias, other] of Object.entries(link)) linkPackage(folder, alias, other);
  if (framework.prepend) prependFault(folder, framework.prepend);
  if (framework.prepend || framework.copyFault) cpSync(FAULT, `${folder}/fault.mjs`);
  const env = { TEAM_DOMAIN: issuer.url, POLICY_AUD: issuer.audience, ...framework.env };
  // A build server has neither team nor audience.
  if (build !== undefined) await run(build, folder, { env: { ...env, ...UNKNOWN } });
  const app = serve
    ? await serve(folder, env)
    : await startApp({ command: start, folder, env, preload });
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
