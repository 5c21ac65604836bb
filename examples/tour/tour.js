// A tour over real HTTP. It sends requests through Local Access, and then directly to the guarded origin,
// which accepts valid tokens and refuses hostile ones.
import { createServer } from "node:http";
import { startLocalAccess } from "postern/local";
import { startApplication } from "../local/application.js";
import { control, get, logIn } from "./client.js";

/** Each shows one kind of attack; all hostile tokens are sent at the end. */
const HOSTILE = [
  ["exp-expired", "expired", "token_expired"],
  ["nbf-in-the-future", "not yet valid", "token_not_yet_valid"],
  ["aud-other", "for another application", "audience_mismatch"],
  ["iss-other-team", "of another team", "issuer_mismatch"],
  ["org-token", "of the team domain, not of an application", "token_type_mismatch"],
  ["meta-token", "of a visitor who has not logged in", "claim_missing"],
  ["alg-none", "alg: none", "algorithm_not_allowed"],
  ["hmac-spki-pem", "HS256 signed with the public key", "algorithm_not_allowed"],
  ["stolen-kid", "signed by someone else, with a known kid", "signature_invalid"],
  ["payload-changed", "changed after signing", "signature_invalid"],
];

const WIDTH = 46;
let passed = 0;
let failed = 0;

/** Prints a request and its answer, and the expected answer if it differs. */
function note(request, expected, got) {
  const isRight = got === expected;
  if (isRight) passed++;
  else failed++;
  const answer = isRight ? got : `${got}, expected ${expected}`;
  console.log(`${isRight ? "✓" : "✗"} ${request.padEnd(WIDTH)} ${answer}`);
}

const port = await freePort();
const access = await startLocalAccess({ target: `http://127.0.0.1:${port}`, port: 0 });
const origin = await startApplication({ team: access.issuer, audience: access.audience, port });
const throughAccess = `${access.url}/api/me`;
const direct = `${origin.url}/api/me`;
const inHeader = (token) => ({ "Cf-Access-Jwt-Assertion": token });
const inCookie = (token) => ({ Cookie: `theme=dark; CF_Authorization=${token}` });

try {
  const { clientId, clientSecret } = access.serviceToken;
  const service = { "CF-Access-Client-Id": clientId, "CF-Access-Client-Secret": clientSecret };
  const ada = await logIn(access, "ada@example.com");
  console.log("\nThrough Access");
  note("not logged in", "302 to the log-in page", await get(throughAccess));
  note("logged in", "200 user ada@example.com", await get(throughAccess, inCookie(ada)));
  note("with a service token", `200 service ${clientId}`, await get(throughAccess, service));

  console.log("\nDirectly to the origin, with a valid token");
  note("in the header", "200 user ada@example.com", await get(direct, inHeader(ada)));
  note("in the cookie", "200 user ada@example.com", await get(direct, inCookie(ada)));
  await control(access, "rotate");
  const bob = await logIn(access, "bob@example.com");
  note("after a key rotation", "200 user bob@example.com", await get(direct, inHeader(bob)));
  note(
    "signed with the previous key",
    "200 user ada@example.com",
    await get(direct, inHeader(ada)),
  );
  console.log("\nDirectly to the origin, without a valid token");
  note("no token", "401 token_missing", await get(direct));
  const unsigned = { "Cf-Access-Authenticated-User-Email": "ada@example.com" };
  note("only the unsigned e-mail header", "401 token_missing", await get(direct, unsigned));

  const hostile = (await access.hostileTokens()).filter(({ token }) => isSendable(token));
  for (const [name, request, code] of HOSTILE) {
    const { token } = hostile.find((attack) => attack.name === name);
    note(request, `401 ${code}`, await get(direct, inHeader(token)));
  }
  let refused = 0;
  for (const { token } of hostile) {
    if ((await get(direct, inHeader(token))).startsWith("401 ")) refused++;
  }
  const all = hostile.length;
  note("all hostile tokens", `${all} of ${all} refused`, `${refused} of ${all} refused`);

  console.log("\nWhile the key endpoint is down");
  await control(access, "outage", { outage: "on" });
  const late = await logIn(access, "cleo@example.com");
  note("valid token, known key", "200 user cleo@example.com", await get(direct, inHeader(late)));
} finally {
  await access.close();
  await origin.stop();
}

console.log(`\n${passed} passed, ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;

/** Some hostile tokens cannot be written into a header. */
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
