// One mixed batch of tokens, and the answer of each server.
import { createPublicKey, verify } from "node:crypto";
import { once } from "node:events";
import { createServer, request as send } from "node:http";
import { createVerifier } from "postern";
import { control, logIn, logInService } from "../../examples/local/visitor.js";

/** Sends one GET with the exact fields: the status of the answer, or 0 for none. */
export function knock(url, headers = {}) {
  return new Promise((resolve) => {
    const request = send(url, { headers, agent: false, timeout: 10_000 });
    request.on("response", (response) => {
      response.resume();
      response.on("close", () => resolve(response.statusCode));
    });
    request.on("timeout", () => request.destroy());
    request.on("error", () => resolve(0));
    request.end();
  });
}

/**
 * A server that postern guards, unless it is open. It reads a request as the samples do, from raw
 * HTTP.
 */
export async function startPostern({ issuer, audience, isOpen = false }) {
  const verifier = createVerifier({ team: issuer, audience });
  const server = createServer(async (request, response) => {
    const verdict = await verifier.safeVerifyRequest(request);
    response.statusCode = verdict.ok || isOpen ? 200 : verdict.error.status;
    response.end();
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    url: `http://127.0.0.1:${server.address().port}`,
    async stop() {
      server.close();
      server.closeAllConnections();
    },
  };
}

/** Tokens that must be accepted and tokens that must not, in a fixed order. */
export async function mixedBatch(access) {
  const batch = [];
  const genuine = async (name, token) => {
    batch.push({ name, token: await token, isGenuine: true, isSigned: true, why: "" });
  };
  const hostile = await hostileTokens(access);
  const before = await logIn(access);
  await control(access, "rotate");
  await genuine("a user", logIn(access));
  await genuine("a user whose token is older than the last rotation", before);
  await genuine("a user with groups, a country and custom claims", fullLogIn(access));
  await genuine("a user without a country", logIn(access, { country: "" }));
  await genuine("a session of one month", logIn(access, { session: "2592000" }));
  await genuine("a service", logInService(access));
  await control(access, "clock", { skewSeconds: "-30" });
  await genuine("a user, by an edge whose clock is 30 s behind", logIn(access));
  await control(access, "clock", { skewSeconds: "30" });
  await genuine("a user, by an edge whose clock is 30 s ahead", logIn(access));
  await control(access, "clock", { skewSeconds: "0" });
  const keys = await publicKeys(access);
  for (const { name, token, why } of hostile) {
    batch.push({ name, token, why, isGenuine: false, isSigned: isSigned(token, keys) });
  }
  return batch;
}

/**
 * The same attacks every time: a signature with the modulus added is only possible while the sum
 * fits into as many bytes, which depends on the key and on chance.
 */
async function hostileTokens(access) {
  for (let attempt = 0; attempt < 100; attempt++) {
    const tokens = await access.hostileTokens();
    const shifted = tokens.find(({ name }) => name === "signature-plus-modulus").token;
    const [header, , signature] = shifted.split(".").map((part) => Buffer.from(part, "base64url"));
    const { kid } = JSON.parse(header);
    const n = Buffer.from((await jwks(access)).find((key) => key.kid === kid).n, "base64url");
    if (signature.length === n.length && signature.compare(n) >= 0) return tokens;
    await control(access, "rotate");
  }
  throw new Error("no key gave every attack");
}

async function jwks({ url }) {
  return (await (await fetch(`${url}/cdn-cgi/access/certs`)).json()).keys;
}

async function publicKeys(access) {
  return (await jwks(access)).map((key) => createPublicKey({ key, format: "jwk" }));
}

/** Whether the issuer signed exactly these bytes, however the signature is spelt. */
function isSigned(token, keys) {
  const dot = token.lastIndexOf(".");
  const signature = Buffer.from(token.slice(dot + 1), "base64url");
  return keys.some((key) => verify("sha256", Buffer.from(token.slice(0, dot)), key, signature));
}

function fullLogIn(access) {
  return logIn(access, {
    groups: "navy, compilers",
    country: "US",
    custom: JSON.stringify({ role: "editor", name: "Zoë 🚪", nested: [{ deep: [1, null, ""] }] }),
  });
}
