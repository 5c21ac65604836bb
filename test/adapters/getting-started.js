// The samples of "Getting started" and of the README as a project: compiled, run and tested.
import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { copyExample, run, startApp } from "./lib/app.js";
import { send } from "./lib/http.js";
import { startIssuer } from "./lib/issuer.js";

const readPage = (path) => readFileSync(new URL(`../../${path}`, import.meta.url), "utf8");
const GUIDE = readPage("docs/guide/getting-started.md");

/** The samples of the guide: their heading, their language, the name of their file, their code. */
const SAMPLES = GUIDE.split(/^##+ /m).flatMap((section) => {
  const [heading] = section.split("\n", 1);
  const blocks = section.matchAll(/^```\w+ \[(.+)\]\n\/\/ (\S+)\n([\s\S]*?)^```$/gm);
  return [...blocks].map(([, language, file, code]) => ({ heading, language, file, code }));
});

/** The parts of each project: headings of applications, their language, and their test. */
const PROJECTS = [
  ["Express", "JavaScript", "server.test"],
  ["Express", "TypeScript", "server.test"],
  ["Express", "CommonJS", "server.test"],
  ["Plain http", "JavaScript", "server.test"],
  ["Plain http", "TypeScript", "server.test"],
  ["Plain http", "CommonJS", "server.test"],
  ["A Worker", "JavaScript", "worker.test"],
  ["A Worker", "TypeScript", "worker.test"],
];

const TEST_HEADING = "5. Test it";

/** The types that `wrangler types` and, in JavaScript, an editor add. */
const AMBIENT = `declare namespace Cloudflare {
  interface Env { TEAM_DOMAIN: string; POLICY_AUD: string }
}
`;
const ACCESS = `declare namespace Express {
  interface Request { access: import("postern").VerifiedAccessToken }
}
`;

/** A test in JavaScript is run, and not checked against the types of Node's own server address. */
function configFor(isTypeScript, isWorker) {
  return {
    exclude: isTypeScript ? ["out"] : ["*.test.js"],
    compilerOptions: {
      target: "ES2022",
      module: "NodeNext",
      types: isWorker ? ["@cloudflare/workers-types", "node"] : ["node"],
      skipLibCheck: true,
      outDir: "out",
      ...(isTypeScript
        ? { strict: true, noUncheckedIndexedAccess: true }
        : { allowJs: true, checkJs: true, strict: false, noImplicitAny: false, noEmit: true }),
    },
  };
}

function lay(heading, language, test) {
  const isTypeScript = language === "TypeScript";
  const isWorker = heading === "A Worker";
  const folder = copyExample(
    undefined,
    `getting-started-${heading}-${language}`.replaceAll(" ", "-"),
  );
  // The tests are ES modules; the CommonJS project uses the one for JavaScript.
  const testLanguage = isTypeScript ? language : "JavaScript";
  const files = SAMPLES.filter(
    (sample) =>
      (sample.language === language && sample.heading === heading) ||
      (sample.language === language && sample.heading === "Start the server" && !isWorker) ||
      (sample.language === testLanguage && sample.heading === TEST_HEADING),
  ).filter(({ file }) => !file.includes(".test.") || file.startsWith(test));
  for (const { file, code } of files) {
    const text =
      language === "CommonJS" && file.includes(".test.")
        ? code.replace("./app.js", "./app.cjs")
        : code;
    writeFileSync(`${folder}/${file}`, text);
  }
  writeFileSync(`${folder}/package.json`, '{ "type": "module" }\n');
  writeFileSync(`${folder}/ambient.d.ts`, isTypeScript ? AMBIENT : `${AMBIENT}${ACCESS}`);
  writeFileSync(`${folder}/tsconfig.json`, JSON.stringify(configFor(isTypeScript, isWorker)));
  return { folder, names: files.map(({ file }) => file) };
}

const RUN = PROJECTS.map(([heading, language, test]) => [
  `${heading} in ${language} compiles and passes its own test`,
  async () => {
    const { folder, names } = lay(heading, language, test);
    assert.equal(names.length, 3, `found only ${names.join(", ")}`);
    await run("tsc -p .", folder);
    const out = language === "TypeScript" ? "out/" : "";
    await run(`node --test ${out}${test}.js`, folder);
  },
]);

const GUARDED = [
  "a sample without its guard fails its own test",
  async () => {
    const { folder } = lay("Express", "JavaScript", "server.test");
    const code = readFileSync(`${folder}/app.js`, "utf8");
    const open = code
      .replace(/ {2}app\.use\(requireAccess.*\n/, "")
      .replace("req.access", '{ principal: { name: "x" } }');
    assert.notEqual(open, code);
    writeFileSync(`${folder}/app.js`, open);
    await assert.rejects(run("node --test server.test.js", folder), /refuses every hostile token/);
  },
];

const README = [
  "the README's Express application accepts a valid token and refuses a request without one",
  async () => {
    const [, code] =
      /^\*\*Express\*\*\n\n```js\n([\s\S]*?)^```$/m.exec(readPage("README.md")) ?? [];
    const folder = copyExample(undefined, "getting-started-readme");
    writeFileSync(`${folder}/package.json`, '{ "type": "module" }\n');
    writeFileSync(`${folder}/server.js`, code.replace("listen(3000)", "listen(process.env.PORT)"));
    const issuer = await startIssuer();
    issuer.up();
    const env = { TEAM_DOMAIN: issuer.url, POLICY_AUD: issuer.audience };
    const app = await startApp({ command: "node server.js", folder, env });
    try {
      assert.equal((await send(`${app.url}/`, {})).status, 401);
      const headers = { "cf-access-jwt-assertion": await issuer.userToken() };
      assert.equal((await send(`${app.url}/`, { headers })).status, 200);
    } finally {
      await app.stop();
      await issuer.close();
    }
  },
];

export const GETTING_STARTED = [...RUN, GUARDED, README];
