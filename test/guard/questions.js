// Proxies that were not run: the questions that they ask, as their documentation describes these.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { request } from "node:http";
import { join } from "node:path";
import { parse } from "yaml";
import { EXAMPLES } from "./machines.js";
import { check } from "./report.js";
import { forged, outage, person, service, startGuard, terminate } from "./team.js";

const read = (file) => parse(readFileSync(join(EXAMPLES, file), "utf8"));
const NAMES = ["user", "email", "name", "kind"].map((fact) => `x-auth-request-${fact}`);

/** What the client asked of the proxy. */
const ASKED = {
  method: "POST",
  path: "/auth/other/../admin?audience=other&x=/public",
  headers: { host: "app.example.com", accept: "text/html", "x-auth-request-user": "evil" },
};

const { forwardAuth } = read("traefik/dynamic.yaml").http.middlewares.postern;
const filters = read("envoy/envoy.yaml").static_resources.listeners[0].filter_chains[0].filters;
const envoy = filters[0].typed_config.http_filters[0].typed_config;
const { externalAuth } = read("gateway-api/route.yaml").spec.rules[0].filters[0];

/** Of the client's headers those that a filter names, beside what is always sent. */
function filtered(names, headers) {
  const listed = new Set(names.map((name) => name.toLowerCase()));
  return Object.fromEntries(Object.entries(headers).filter(([name]) => listed.has(name)));
}

const PROXIES = {
  // GET, with every header of the client, and X-Forwarded-*.
  Traefik: {
    copied: forwardAuth.authResponseHeaders,
    question: (bearing) => ({
      method: "GET",
      path: new URL(forwardAuth.address).pathname,
      headers: {
        ...ASKED.headers,
        ...bearing,
        host: new URL(forwardAuth.address).host,
        "x-forwarded-method": ASKED.method,
        "x-forwarded-proto": "https",
        "x-forwarded-host": ASKED.headers.host,
        "x-forwarded-uri": ASKED.path,
        "x-forwarded-for": "203.0.113.7",
      },
    }),
  },
  // The client's method and path, behind the prefix, without its body.
  Envoy: {
    copied: envoy.http_service.authorization_response.allowed_upstream_headers.patterns.map(
      ({ exact }) => exact,
    ),
    question: (bearing) => ({
      method: ASKED.method,
      path: envoy.http_service.path_prefix + ASKED.path,
      headers: {
        host: ASKED.headers.host,
        "content-length": "0",
        ...filtered(
          envoy.allowed_headers.patterns.map(({ exact }) => exact),
          { ...ASKED.headers, ...bearing },
        ),
      },
    }),
  },
  // The same, in the words of HTTPRoute.
  "The Gateway API": {
    copied: externalAuth.http.allowedResponseHeaders,
    question: (bearing) => ({
      method: ASKED.method,
      path: externalAuth.http.path + ASKED.path,
      headers: {
        host: ASKED.headers.host,
        "content-length": "0",
        ...filtered(externalAuth.http.allowedHeaders, { ...ASKED.headers, ...bearing }),
      },
    }),
  },
};

/** Sent as it is: fetch would make the path another. */
function put(port, question) {
  return new Promise((resolve, reject) => {
    const sent = request({ host: "127.0.0.1", port, agent: false, ...question }, (answer) => {
      answer.resume().on("end", () => resolve(answer));
    });
    sent.on("error", reject).end();
  });
}

const { child, port } = await startGuard();
for (const [name, { copied, question }] of Object.entries(PROXIES)) {
  const ask = (bearing) => put(port, question(bearing));

  await check(
    `${name}'s question with a genuine token is answered with 200 and who it is`,
    async () => {
      for (const bearing of [
        { "cf-access-jwt-assertion": person },
        { cookie: `a=b; CF_Authorization=${person}` },
      ]) {
        const { statusCode, headers } = await ask(bearing);
        assert.equal(statusCode, 200);
        assert.deepEqual(
          NAMES.map((header) => headers[header]),
          ["u1", "ada@example.com", "", "user"],
        );
      }
      const { headers } = await ask({ "cf-access-jwt-assertion": service });
      assert.deepEqual(
        NAMES.map((header) => headers[header]),
        ["ci.access", "", "ci.access", "service"],
      );
    },
  );

  await check(`${name}'s question without a genuine token is answered with 401`, async () => {
    for (const bearing of [
      {},
      { "cf-access-jwt-assertion": "garbage" },
      { "cf-access-jwt-assertion": forged },
    ]) {
      const { statusCode, headers } = await ask(bearing);
      assert.equal(statusCode, 401);
      assert.match(headers["www-authenticate"], /^Bearer realm="Cloudflare Access"/);
    }
  });

  await check(`${name}'s configuration copies every identity header`, () => {
    assert.deepEqual(copied.map((header) => header.toLowerCase()).sort(), [...NAMES].sort());
  });
}

await check("a configuration never lets in when the guard does not answer", () => {
  assert.equal(envoy.failure_mode_allow, false);
  assert.equal(forwardAuth.trustForwardHeader, false);
  assert.equal(externalAuth.protocol, "HTTP");
});

await check("every such question is answered with 503 while no keys can be had", async () => {
  outage.isOn = true;
  const cold = await startGuard();
  for (const { question } of Object.values(PROXIES)) {
    const { statusCode } = await put(cold.port, question({ "cf-access-jwt-assertion": person }));
    assert.equal(statusCode, 503);
  }
  outage.isOn = false;
  await terminate(cold.child);
});
await terminate(child);
