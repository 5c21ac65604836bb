// Checks that the vendor's samples accept the tokens of Local Access, and compares their verdicts
// with postern's.
// node run.js           compares the results with docs/interop.md
// node run.js --write   writes the results into docs/interop.md
import { readFile, writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { control, credentials, logIn, logInService } from "../../examples/local/visitor.js";
import { knock, mixedBatch, startPostern } from "./batch.js";
import { tellPage } from "./page.js";
import { measuredSection, replaceSection } from "./report.js";
import { buildGo, startSample } from "./samples.js";

const DOCUMENT = new URL("../../docs/interop.md", import.meta.url);
let passed = 0;
let failed = 0;

function check(title, isRight, got = "") {
  if (isRight) passed++;
  else failed++;
  console.log(`${isRight ? "✓" : "✗"} ${title}${isRight ? "" : `: got ${got}`}`);
}

/** A sample as an application behind Local Access, through a rotation and an outage. */
async function story({ name, access, url, carry }) {
  const through = (token) => knock(access.url, { Cookie: `CF_Authorization=${token}` });
  const expect = (title, got, wanted) => check(`${name}: ${title}`, got === wanted, got);
  const refused = name === "go" ? 401 : 403;

  expect(
    "behind Local Access, an unknown visitor is asked to log in",
    await knock(access.url),
    302,
  );
  expect("a direct request without a token is refused", await knock(url), refused);
  expect(
    "a direct request with a malformed token is refused",
    await knock(url, carry("a.b.c")),
    refused,
  );
  const user = await logIn(access);
  expect("a user is accepted", await through(user), 200);
  expect("a user's token is accepted in a direct request, too", await knock(url, carry(user)), 200);
  expect("a service is accepted", await knock(url, carry(await logInService(access))), 200);
  expect("a service's credentials are enough", await knock(access.url, credentials(access)), 200);

  await control(access, "rotate");
  const later = await logIn(access);
  expect("a token under a new key is accepted without a restart", await through(later), 200);
  expect("a token with the previous key is still accepted", await through(user), 200);
  await control(access, "rotate");
  const last = await logIn(access);
  expect("a second rotation is followed, too", await through(last), 200);
  expect("a key older than the last two is refused", await knock(url, carry(user)), refused);
}

/** The answers of a sample and of postern to the same requests. */
async function compare({ name, access, url, carry }) {
  const postern = await startPostern(access);
  const verdicts = [];
  try {
    for (const { token, ...about } of await mixedBatch(access)) {
      const headers = carry(token);
      const ours = await knock(postern.url, headers);
      const theirs = await knock(url, headers);
      const wanted = about.isGenuine ? 200 : 401;
      check(
        `postern ${about.isGenuine ? "accepts" : "refuses"}: ${about.name} (as for the ${name} sample)`,
        ours === wanted,
        ours,
      );
      verdicts.push({ ...about, ours, theirs });
    }
    await control(access, "outage", { outage: "on" });
    const known = carry(await logIn(access));
    const outage = { ours: await knock(postern.url, known), theirs: await knock(url, known) };
    check(
      `postern accepts a known key in an outage (as for the ${name} sample)`,
      outage.ours === 200,
      outage.ours,
    );
    await control(access, "outage", { outage: "off" });
    return { verdicts, outage };
  } finally {
    await postern.stop();
  }
}

async function withSample(name, command, args) {
  const sample = await startSample(name, command, args);
  try {
    await story(sample);
    return await compare(sample);
  } finally {
    await sample.stop();
  }
}

const go = await buildGo();
let measured;
try {
  const app = fileURLToPath(new URL("python/app.py", import.meta.url));
  measured = {
    go: await withSample("go", go.binary, []),
    python: await withSample("python", process.env.PYTHON ?? "/usr/bin/python3", [app]),
  };
} finally {
  await go.clean();
}

for (const [name, { verdicts }] of Object.entries(measured)) {
  const agreed = verdicts.filter(({ ours, theirs }) => (ours === 200) === (theirs === 200));
  console.log(`${name}: agrees with postern on ${agreed.length} of ${verdicts.length} tokens`);
}
await tellPage(check);
const section = measuredSection(measured);
const text = await readFile(DOCUMENT, "utf8");
const updated = replaceSection(text, section);
if (process.argv.includes("--write")) await writeFile(DOCUMENT, updated);
else check("docs/interop.md lists exactly the differences", updated === text, "another list");
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;
