// Checks that an application refuses hostile tokens. Sends them directly to it, without Access in between.
//   node back-door.js [URL of a guarded page] [AUD tag that the application is configured with]
import { startLocalAccess } from "postern/local";

const [page = "http://127.0.0.1:3000/", audience] = process.argv.slice(2);
const access = await startLocalAccess({ target: new URL(page).origin, audience });
console.log(`${page} must run with\n  team      ${access.issuer}\n  audience  ${access.audience}`);

async function knock(token) {
  const headers = token === undefined ? {} : { "Cf-Access-Jwt-Assertion": token };
  const answer = await fetch(page, { headers, redirect: "manual" }).catch(() => undefined);
  return answer?.status ?? "no answer";
}

// If the application refuses even a genuine token, it proves nothing that it refuses the hostile ones.
const genuine = await knock(await access.userToken());
let isShut = genuine === 200;
if (isShut) {
  console.log("A genuine token was accepted.");
  const hostile = await access.hostileTokens();
  for (const { name, token, why } of [{ name: "no token", why: "" }, ...hostile]) {
    const status = await knock(token);
    if (status === 401 || status === 403) continue;
    isShut = false;
    console.error(`${name} was not refused, but got ${status}. ${why}`);
  }
  if (isShut) console.log(`No token, and ${hostile.length} hostile ones, were refused.`);
} else {
  console.error(`A genuine token got ${genuine} instead of 200, so this test proves nothing.`);
}
await access.close();
process.exitCode = isShut ? 0 : 1;
