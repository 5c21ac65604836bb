// The options of the guard for Nest, tested with Nest itself: requests that go on without a token.
import assert from "node:assert/strict";
import { send, withToken } from "./lib/http.js";
import { startIssuer } from "./lib/issuer.js";
import { startNest } from "./lib/nest.js";

const HOSTS = ["x/admin?", "x/whoami?", "x#", "user@x", "x\\admin", "x/whoami", "x y", "x,y"];
const PREFLIGHT = {
  origin: "https://app.example",
  "access-control-request-method": "PUT",
};

/** Runs a test with each of the applications. */
async function withNest(story) {
  const issuer = await startIssuer();
  issuer.up();
  try {
    const apps = await startNest(issuer, "nest-options");
    try {
      for (const app of apps) await story(app, issuer);
    } finally {
      await Promise.all(apps.map((app) => app.stop()));
    }
  } finally {
    await issuer.close();
  }
}

async function answers(url, request, status, text = "") {
  const answer = await send(url, request);
  assert.equal(answer.status, status, `${JSON.stringify(request)} ${answer.text}`);
  assert.ok(answer.text.includes(text), answer.text);
}

export const NEST_OPTIONS = [
  [
    "optional, allowPreflight and publicPaths open what they say, and nothing else",
    () =>
      withNest(async ({ at, ports }, issuer) => {
        const headers = withToken(await issuer.userToken());
        const forged = withToken(`${await issuer.userToken()}x`);
        const [optional, preflight, publicGet] = [
          ports.optional,
          ports.preflight,
          ports.publicGet,
        ].map((port) => at(port)("/whoami"));

        await answers(optional, {}, 200, "a visitor");
        await answers(optional, { headers }, 200, "user ");
        await answers(optional, { headers: forged }, 401);

        await answers(preflight, { method: "OPTIONS", headers: PREFLIGHT }, 200, "a visitor");
        await answers(preflight, { method: "OPTIONS" }, 401);
        await answers(preflight, { method: "OPTIONS", headers: { origin: "https://a" } }, 401);
        await answers(preflight, { headers: PREFLIGHT }, 401);
        await answers(preflight, { headers }, 200, "user ");

        await answers(publicGet, {}, 200, "a visitor");
        await answers(publicGet, { method: "OPTIONS" }, 401);
        for (const host of HOSTS) {
          for (const name of ["host", "x-forwarded-host"]) {
            // Proxies append hosts to that header as a list.
            if (name === "x-forwarded-host" && host === "x,y") continue;
            const { status, text } = await send(publicGet, { headers: { [name]: host } });
            assert.ok(status === 401 || status === 400, `${name} ${host}: ${status} ${text}`);
          }
        }
      }),
  ],
];
