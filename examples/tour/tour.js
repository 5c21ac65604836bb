// The main job, watched over real HTTP: through the gate of Local Access, then round it to the guarded
// origin itself, where genuine tokens pass and hostile ones fail.
import { createServer } from "node:http";
import { startLocalAccess } from "postern/local";
import { startApplication } from "../local/application.js";
import { control, get, logIn } from "./client.js";

/** Each shows one way of being wrong; all of them are tried at the end. */
const HOSTILE = [
  ["exp-expired", "expired", "token_expired"],
  ["nbf-in-the-future", "not yet valid", "token_not_yet_valid"],
  ["aud-other", "another application's audience", "audience_mismatch"],
  ["iss-other-team", "another team's issuer", "issuer_mismatch"],
  ["org-token", "the authentication domain's own token", "token_type_mismatch"],
  ["meta-token", "a visitor's token from before the log-in", "claim_missing"],
  ["alg-none", "alg: none", "algorithm_not_allowed"],
  ["hmac-spki-pem", "HS256 signed with the public key", "algorithm_not_allowed"],
  ["stolen-kid", "signed by a stranger under a known kid", "signature_invalid"],
  ["payload-changed", "signed, then changed", "signature_invalid"],
];

const rows = [];
function note(request, expected, got) {
  rows.push({ request, expected, got, isRight: got === expected });
}

const port = await freePort();
const access = await startLocalAccess({ target: `http://127.0.0.1:${port}`, port: 0 });
const origin = await startApplication({ team: access.issuer, audience: access.audience, port });
const gate = `${access.url}/api/me`;
const door = `${origin.url}/api/me`;
const inHeader = (token) => ({ "Cf-Access-Jwt-Assertion": token });
const inCookie = (token) => ({ Cookie: `theme=dark; CF_Authorization=${token}` });

try {
  const { clientId, clientSecret } = access.serviceToken;
  const service = { "CF-Access-Client-Id": clientId, "CF-Access-Client-Secret": clientSecret };
  const ada = await logIn(access, "ada@example.com");
  note("gate: nobody logged in", "302 to the log-in page", await get(gate));
  note("gate: logged in", "200 user ada@example.com", await get(gate, inCookie(ada)));
  note("gate: service token", `200 service ${clientId}`, await get(gate, service));

  note("user token in the header", "200 user ada@example.com", await get(door, inHeader(ada)));
  note("user token in the cookie", "200 user ada@example.com", await get(door, inCookie(ada)));
  await control(access, "rotate");
  const bob = await logIn(access, "bob@example.com");
  note("token after a key rotation", "200 user bob@example.com", await get(door, inHeader(bob)));
  note(
    "token under the set's second key",
    "200 user ada@example.com",
    await get(door, inHeader(ada)),
  );
  note("no token", "401 token_missing", await get(door));
  const unsigned = { "Cf-Access-Authenticated-User-Email": "ada@example.com" };
  note("the unsigned e-mail header alone", "401 token_missing", await get(door, unsigned));

  const hostile = (await access.hostileTokens()).filter(({ token }) => isSendable(token));
  for (const [name, request, code] of HOSTILE) {
    const { token } = hostile.find((attack) => attack.name === name);
    note(request, `401 ${code}`, await get(door, inHeader(token)));
  }
  let refused = 0;
  for (const { token } of hostile) {
    if ((await get(door, inHeader(token))).startsWith("401 ")) refused++;
  }
  const all = hostile.length;
  note("every hostile token there is", `${all} of ${all} refused`, `${refused} of ${all} refused`);

  await control(access, "outage", { outage: "on" });
  const late = await logIn(access, "cleo@example.com");
  note(
    "certs endpoint down, known key",
    "200 user cleo@example.com",
    await get(door, inHeader(late)),
  );
} finally {
  await access.close();
  await origin.stop();
}

const width = Math.max(...rows.map(({ request }) => request.length));
const column = Math.max(...rows.map(({ expected }) => expected.length));
console.log(`\n  ${"request".padEnd(width)}  ${"expected".padEnd(column)}  got`);
for (const { request, expected, got, isRight } of rows) {
  console.log(
    `${isRight ? "✓" : "✗"} ${request.padEnd(width)}  ${expected.padEnd(column)}  ${got}`,
  );
}
const wrong = rows.filter(({ isRight }) => !isRight).length;
console.log(`\n${rows.length - wrong} passed, ${wrong} failed`);
process.exitCode = wrong === 0 ? 0 : 1;

/** Some hostile tokens cannot even be written into a header. */
function isSendable(token) {
  try {
    return new Headers(inHeader(token)).has("Cf-Access-Jwt-Assertion");
  } catch {
    return false;
  }
}

async function freePort() {
  const server = createServer().listen(0, "127.0.0.1");
  await new Promise((resolve) => server.once("listening", resolve));
  const { port: free } = server.address();
  await new Promise((resolve) => server.close(resolve));
  return free;
}
