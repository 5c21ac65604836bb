// The main job, watched over real HTTP: genuine tokens pass, hostile ones fail.
import { createHmac, createPublicKey } from "node:crypto";
import { startIssuer } from "./issuer.js";
import { startOrigin } from "./origin.js";

const audience = "4714c1358e65fe4b408ad6d432a5f878f08194bdb4752441fd56faefa9b2b6f2";
const issuer = await startIssuer({ audience });
const origin = await startOrigin({ team: issuer.url, audience });
const now = Math.floor(Date.now() / 1000);
const rows = [];

async function step(request, expected, headers) {
  const response = await fetch(origin.url, { headers });
  const got = `${response.status} ${await response.text()}`;
  rows.push({ request, expected, got, isRight: got.startsWith(expected) });
}
const inHeader = (token) => ({ "Cf-Access-Jwt-Assertion": token });
const inCookie = (token) => ({ Cookie: `theme=dark; CF_Authorization=${token}` });

try {
  const user = await issuer.sign(issuer.user());
  await step("user token in the header", "200 user", inHeader(user));
  await step("user token in the cookie", "200 user", inCookie(user));
  await step("service token", "200 service", inHeader(await issuer.sign(issuer.service())));
  const second = await issuer.sign(issuer.user(), {}, issuer.previous());
  await step("token under the second key of the set", "200 user", inHeader(second));
  await issuer.rotate();
  const rotated = await issuer.sign(issuer.user());
  await step("token after a key rotation", "200 user", inHeader(rotated));
  await step("token from before the rotation", "200 user", inHeader(user));

  const hostile = async (request, code, changes, header) => {
    const token = await issuer.sign({ ...issuer.user(), ...changes }, header);
    await step(request, `401 ${code}`, inHeader(token));
  };
  await hostile("expired", "token_expired", { exp: now - 3600 });
  await hostile("not yet valid", "token_not_yet_valid", { nbf: now + 3600 });
  await hostile("another application's audience", "audience_mismatch", { aud: ["0".repeat(64)] });
  await hostile("another issuer", "issuer_mismatch", { iss: "https://evil.cloudflareaccess.com" });
  const org = inHeader(await issuer.sign(issuer.org()));
  await step("the authentication domain's own token", "401 token_type_mismatch", org);

  const none = `${issuer.encode({ alg: "none" })}.${issuer.encode(issuer.user())}.`;
  await step("alg: none", "401 algorithm_not_allowed", inHeader(none));
  const { kid, jwk } = issuer.current();
  const pem = createPublicKey({ key: jwk, format: "jwk" }).export({ type: "spki", format: "pem" });
  const input = `${issuer.encode({ alg: "HS256", kid })}.${issuer.encode(issuer.user())}`;
  const mac = createHmac("sha256", pem).update(input).digest("base64url");
  await step(
    "HS256 signed with the public key",
    "401 algorithm_not_allowed",
    inHeader(`${input}.${mac}`),
  );
  const stranger = { ...(await issuer.generateKey()), kid };
  const forged = inHeader(await issuer.sign(issuer.user(), {}, stranger));
  await step("signed by a stranger under a known kid", "401 signature_invalid", forged);
  await step("no token", "401 token_missing", {});
  await step("e-mail header without a token", "401 token_missing", {
    "Cf-Access-Authenticated-User-Email": "ada@example.com",
  });

  await issuer.stop();
  const later = await issuer.sign(issuer.user());
  await step("certs endpoint down, known key", "200 user", inHeader(later));
} finally {
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
console.log(
  `\n${rows.length - wrong} of ${rows.length} as expected, ${issuer.certsFetches} certs fetches`,
);
process.exitCode = wrong === 0 ? 0 : 1;
