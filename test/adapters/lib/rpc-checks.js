// The behaviour of a guarded interface whose calls are not paths: the same checks, sent in another
// form.
import assert from "node:assert/strict";
import { PATHS } from "./attacks.js";
import { send, sendRaw, withToken } from "./http.js";

const SECRETS = ["the admin area", "user ", "service "];

/**
 * @param calls how to call `whoami`, `admin` and `echo`, as `{ path, method, headers, body }`
 * @param statusOf the status of an answer, for protocols with their own place for it
 */
export function rpcChecks(calls, statusOf = ({ status }) => status) {
  const ask = (app, call, token) =>
    send(app.at(call.path), {
      ...call,
      headers: { ...call.headers, ...(token === undefined ? {} : withToken(token)) },
    });

  function refused(answer, status) {
    assert.equal(statusOf(answer), status, `${answer.status} ${answer.text.slice(0, 300)}`);
    for (const secret of SECRETS) assert.ok(!answer.text.includes(secret), "reveals a secret");
    assert.match(answer.headers["cache-control"] ?? "", /no-store/);
    if (status === 401) assert.match(answer.headers["www-authenticate"] ?? "", /^Bearer /);
    if (status === 503) assert.match(answer.headers["retry-after"] ?? "", /^[1-9]\d*$/);
  }

  async function greets(app, token, identity) {
    const { status, text } = await ask(app, calls.whoami, token);
    assert.equal(status, 200, `status ${status} ${text.slice(0, 300)}`);
    assert.ok(text.includes(identity), `says ${text.slice(0, 300)}`);
  }

  return [
    [
      "answers 503 while there are no keys, and accepts a user once they are there",
      async (app) => {
        const token = await app.issuer.userToken({ email: "ada@example.com" });
        const answer = await ask(app, calls.whoami, token);
        app.issuer.up();
        refused(answer, 503);
        for (let tries = 0; tries < 40; tries++) {
          if (statusOf(await ask(app, calls.whoami, token)) !== 503) break;
          await new Promise((resolve) => setTimeout(resolve, 250));
        }
        await greets(app, token, "user ada@example.com");
      },
    ],
    [
      "accepts a service token",
      async (app) => {
        const token = await app.issuer.serviceToken({ common_name: "backup.access" });
        await greets(app, token, "service backup.access");
        assert.ok((await ask(app, calls.admin, token)).text.includes("the admin area"));
      },
    ],
    [
      "refuses requests without a token, and forged, expired and unwanted tokens",
      async (app) => {
        refused(await ask(app, calls.whoami), 401);
        const [header, payload, signature] = (await app.issuer.userToken()).split(".");
        const forged = `${header}.${payload}.${signature.slice(0, -10)}AAAAAAAAAA`;
        refused(await ask(app, calls.admin, forged), 401);
        const iat = Math.floor(Date.now() / 1000) - 7200;
        const expired = await app.issuer.userToken({ iat, nbf: iat, exp: iat + 3600 });
        refused(await ask(app, calls.admin, expired), 401);
        const unwanted = await app.issuer.userToken({ email: "mallory@evil.example" });
        refused(await ask(app, calls.admin, unwanted), 403);
      },
    ],
    [
      "refuses every hostile token",
      async (app) => {
        for (const { name, token } of await app.issuer.hostileTokens()) {
          const answer = await ask(app, calls.admin, token);
          assert.equal(statusOf(answer), 401, `${name}: ${answer.text.slice(0, 200)}`);
          for (const secret of SECRETS) assert.ok(!answer.text.includes(secret), name);
        }
      },
    ],
    [
      "refuses when verification throws a value that is no error",
      async (app) => {
        const token = await app.issuer.userToken({ email: "fault@example.com" });
        const answer = await ask(app, calls.admin, token);
        assert.equal(statusOf(answer), 500, `${answer.status} ${answer.text.slice(0, 300)}`);
        for (const secret of SECRETS) assert.ok(!answer.text.includes(secret), "reveals a secret");
      },
    ],
    [
      "passes on a streamed request body unchanged",
      async (app) => {
        if (calls.echo === undefined) return;
        const said = Array.from({ length: 9000 }, (_, index) => `word${index}`).join(" ");
        const call = calls.echo(said);
        async function* slowly() {
          for (let at = 0; at < call.body.length; at += 20_000) {
            yield call.body.slice(at, at + 20_000);
            await new Promise((resolve) => setTimeout(resolve, 5));
          }
        }
        const answer = await ask(app, { ...call, body: slowly() }, await app.issuer.userToken());
        assert.equal(answer.status, 200, answer.text.slice(0, 300));
        assert.ok(answer.text.includes(said), `says ${answer.text.slice(0, 300)}`);
      },
    ],
    [
      "keeps the identities of concurrent requests apart",
      async (app) => {
        const names = Array.from({ length: 8 }, (_, index) => `user${index}@example.com`);
        const tokens = await Promise.all(names.map((email) => app.issuer.userToken({ email })));
        const turns = Array.from({ length: 40 }, (_, index) => index % names.length);
        await Promise.all(turns.map((turn) => greets(app, tokens[turn], `user ${names[turn]}`)));
      },
    ],
    [
      "opens nothing without a token, in any spelling of a path",
      async (app) => {
        for (const target of [calls.admin.path, ...PATHS]) {
          const { text } = await sendRaw(app.port, target);
          assert.match(text, /^HTTP\/1\.1 \d/, `${target}: no answer`);
          for (const secret of SECRETS) assert.ok(!text.includes(secret), `${target}: let in`);
        }
      },
    ],
  ];
}

const JSON_BODY = { "content-type": "application/json", accept: "application/json" };
const post = (path, value, headers = {}) => ({
  path,
  method: "POST",
  headers: { ...JSON_BODY, ...headers },
  body: JSON.stringify(value),
});

export const TRPC = rpcChecks({
  whoami: { path: "/whoami" },
  admin: { path: "/admin" },
  echo: (text) => post("/echo", text),
});

const graphql = (query, variables) => post("/graphql", { query, variables });
const GRAPHQL = {
  whoami: graphql("{ whoami }"),
  admin: graphql("{ whoami admin }"),
  echo: (text) => graphql("mutation($text: String!) { echo(text: $text) }", { text }),
};
export const YOGA = rpcChecks(GRAPHQL);

/** Nest's driver answers 200 and gives the status of each error inside. */
export const NEST_GRAPHQL = rpcChecks(
  { whoami: graphql("{ whoami }"), admin: graphql("{ admin }") },
  ({ status, text }) => {
    if (status !== 200 || !text.includes('"errors"')) return status;
    const [, told] = /"statusCode":(\d{3})/.exec(text) ?? [];
    return told === undefined ? 500 : Number(told);
  },
);

const tool = (name, args = {}) => ({
  ...post("/mcp", {
    jsonrpc: "2.0",
    id: 1,
    method: "tools/call",
    params: { name, arguments: args },
  }),
  headers: {
    "content-type": "application/json",
    accept: "application/json, text/event-stream",
    "mcp-protocol-version": "2025-06-18",
  },
});
export const MCP = rpcChecks({
  whoami: tool("whoami"),
  admin: tool("admin"),
  echo: (text) => tool("echo", { text }),
});

export const TANSTACK = rpcChecks({
  whoami: { path: "/" },
  admin: { path: "/admin" },
  echo: (body) => ({ path: "/echo", method: "POST", body }),
});
