// Does `postern knock` find every flawed origin, and raise no false alarm at the correct ones?
// node test/knock/run.js          all origins
// node test/knock/run.js WORDS    those with the words in their names
import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { checkVectors } from "./conformance.js";
import { FLAWED, flawedSteps } from "./zoo/flawed.js";
import { otherDoors } from "./zoo/others.js";
import { outsideFlawed, outsideRight } from "./zoo/outside.js";
import { rightDoors } from "./zoo/right.js";
import { serveSteps } from "./zoo/serve.js";
import { startWorld } from "./zoo/world.js";

const COMMAND =
  process.env.POSTERN_COMMAND ?? fileURLToPath(new URL("../../dist/cli.js", import.meta.url));
/** The name of each group of knocks. For each, some origin is open to that group only. */
const GROUPS = [
  ...[/^email-header/, /^identity-headers/, /^service-/, /access-token-header/, /^api-key/],
  ...[/^cookie-that-says-so/, /^alg-none/, /^hmac-/, /^embedded-jwk/, /^embedded-x5c/, /^jku-/],
  ...[/^foreign-issuer/, /^forged-long/, /^meta-token/, /^genuine-/, /-in-cookie/, /-in-query/],
  ...[/-in-authorization/, /^head/, /^options/, /preflight/, /^override/, /^websocket$/],
  ...[/^websocket-at-/, /^script$/, /^path-/, /^words-in-query/, /^public-paths-in-query/],
  ...[/^x-forwarded-for/, /^x-real-ip/, /^forwarded-/, /^headers-of-cloudflare/, /^same-site/],
  ...[/^prefetch/, /^x-original-url/, /^x-rewrite-url/, /^host-/, /^x-forwarded-host/],
  ...[/^user-agent-/, /^password-/, /^headers-that-say-true/, /^headers-that-say-1/],
  ...[/^headers-that-name-a-role/, /^cookie-that-says-1/, /^email-header-beside/, /^upgrade-/],
  ...[/^event-stream/, /^script-fetch/, /^from-a-developer/, /^from-the-log-in/],
  ...[/^same-site-without-tls/, /^forwarded-proto-http/, /^forwarded$/, /^forged-unsigned-/],
  ...[/^forged-empty-kid/, /^websocket-forged/, /^websocket-with-trusted/, /^x5u-/],
  ...[/^meta-token-in-websocket/, /^words-in-query-true/, /^genuine-of-/, /^genuine-without-/],
];
const words = process.argv.slice(2).join(" ");
const isAsked = (name) => name.includes(words);
let passed = 0;
let failed = 0;

function check(isRight, title, got = "") {
  if (isRight) passed++;
  else failed++;
  if (!isRight) console.log(`✗ ${title}: ${got}`);
}

/** How often each knock got in, over all flawed origins. */
const found = new Map();

/** Runs the command, and returns its exit code and its report. */
async function knock(url, world, needs = {}) {
  const args = ["knock", url, "--json"];
  if (needs.gate) args.push("--gate", world.team);
  else args.push("--team", world.team, "--audience", world.audience);
  for (const path of needs.paths ?? []) args.push("--path", path);
  const claims = typeof needs.token === "object" ? needs.token : {};
  const token = needs.token ? await world.issuer.userToken(claims) : undefined;
  if (token !== undefined) args.push("--token", "-");
  const child = spawn(process.execPath, [COMMAND, ...args], { stdio: ["pipe", "pipe", "pipe"] });
  child.stdin.end(token ?? "");
  let [out, err] = ["", ""];
  child.stdout.on("data", (chunk) => (out += chunk));
  child.stderr.on("data", (chunk) => (err += chunk));
  const [code] = await once(child, "close");
  const isSecret = token !== undefined && (out + err).includes(token);
  let report;
  try {
    report = JSON.parse(out);
  } catch {
    report = { verdict: `none (exit ${code}: ${err.trim().slice(0, 300)})`, knocks: [] };
  }
  return { code, report, isSecret };
}

function bounds(name, { counts }, { isSecret, report }) {
  check(!isSecret, `${name}: the report does not show the token`);
  check(report.knocks.length <= 300, `${name}: knocks at most 300 times`, report.knocks.length);
  if (counts === undefined) return;
  check(counts.requests <= 300, `${name}: sends at most 300 requests`, counts.requests);
  const others = [...counts.methods].filter((method) => !/^(?:GET|HEAD|OPTIONS)$/.test(method));
  check(others.length === 0, `${name}: sends only safe methods`, others.join());
}

const namesOf = (report, outcome) => [
  ...new Set(report.knocks.filter((one) => one.outcome === outcome).map(({ name }) => name)),
];

async function flawed(name, door, start, world) {
  const running = await start();
  try {
    const result = await knock(running.url, world, door.needs);
    const { code, report } = result;
    const names = namesOf(report, "open");
    if (!door.meant.test("nothing"))
      for (const knockName of names) found.set(knockName, (found.get(knockName) ?? 0) + 1);
    const others = names.filter((knockName) => !door.meant.test(knockName));
    check(
      report.verdict === "open" && code === 1,
      `${name}: is found open`,
      `${report.verdict} ${code}`,
    );
    check(
      others.length === 0,
      `${name}: passes without the knocks that are meant for it`,
      others.join(" "),
    );
    bounds(name, running, result);
    console.log(
      `open ${name.padEnd(58)} ${String(names.length).padStart(3)}  ${names.slice(0, 3).join(" ")}`,
    );
  } finally {
    await running.stop();
  }
}

async function right(name, door, start, world) {
  const running = await start();
  try {
    const result = await knock(running.url, world, door.needs);
    const { code, report } = result;
    const odd = report.knocks.filter(({ outcome }) => outcome === "open" || outcome === "unclear");
    const said = odd.map(
      ({ name, path, status, note = "" }) => `${name} ${path} ${status} ${note}`,
    );
    check(
      report.verdict === "shut" && code === 0,
      `${name}: is found shut`,
      `${report.verdict} ${said.slice(0, 8).join("; ")}`,
    );
    bounds(name, running, result);
    console.log(`${report.verdict.padEnd(4)} ${name.padEnd(58)} ${report.knocks.length}`);
  } finally {
    await running.stop();
  }
}

if ("vectors".includes(words)) await checkVectors(check);
const world = await startWorld();
const others = await otherDoors(world);
try {
  for (const [name, door] of Object.entries(FLAWED)) {
    if (isAsked(name)) await flawed(name, door, () => serveSteps(flawedSteps(door, world)), world);
  }
  for (const [name, door] of Object.entries({ ...outsideFlawed(world), ...others.flawed })) {
    if (isAsked(name)) await flawed(name, door, door.start, world);
  }
  for (const [name, door] of Object.entries({
    ...rightDoors(world),
    ...outsideRight(world),
    ...others.right,
  })) {
    if (isAsked(name)) await right(name, door, door.start, world);
  }
} finally {
  await others.clean();
  await world.close();
}
// An origin passes without the knocks that are meant for it, so each group must be the only one to
// find some origin.
if (words === "") {
  for (const group of GROUPS)
    check(
      [...found.keys()].some((name) => group.test(name)),
      `the knocks ${group} are the only ones to find some flawed origin`,
    );
}
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;
