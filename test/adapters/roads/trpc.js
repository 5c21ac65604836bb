// Every kind of request to a tRPC server, with the page's two examples.
import { send } from "../lib/http.js";
import { startExample } from "./lib/example.js";
import { agree, createHouse, overSocket, socketOpens, socketSays } from "./lib/ways.js";

const JSON_BODY = { "content-type": "application/json" };
const NAME = "ada@example.com";
const CALL = JSON.stringify({ id: 1, method: "query", params: { path: "whoami" } });
const WATCH = JSON.stringify({ id: 1, method: "subscription", params: { path: "watch" } });

export async function open(issuer) {
  const house = createHouse();
  const VERIFY = "verifyClient: verifyClient(verifier, { origins: [ORIGIN] }),";
  const [server, bareServer, sockets, bareSockets] = await Promise.all([
    startExample("trpc/server.js", issuer),
    startExample("trpc/server.js", issuer, [
      [
        "if (ctx.access.ok) return next({ ctx: { access: ctx.access.value } });",
        `return next({ ctx: { access: { principal: { kind: "user", email: "${NAME}" } } } });`,
      ],
    ]),
    startExample("trpc/sockets.js", issuer),
    startExample("trpc/sockets.js", issuer, [
      [VERIFY, ""],
      ["({ access: req.access })", `({ access: { principal: { id: "${NAME}" } } })`],
      ["if (access === undefined) return ws.terminate();", ""],
      ["access.payload.exp * 1000", "Infinity"],
    ]),
  ]);
  for (const { stop } of [server, bareServer, sockets, bareSockets]) house.onClose(stop);

  const both = (ways) => ({
    reach: agree(ways(server.url)),
    unguarded: agree(ways(bareServer.url)),
  });
  return {
    roads: {
      "queries and mutations made from `guarded`": both((url) => ({
        query: tells(`${url}/admin`, "the admin area"),
        mutation: tells(`${url}/echo`, "words", { method: "POST", body: '"words"' }),
      })),
      "batched calls": both((url) => ({
        alike: tells(`${url}/admin,admin?batch=1&input={}`, "the admin area"),
        mixed: tells(`${url}/open,admin?batch=1&input={}`, "the admin area"),
        "with what does not exist": tells(
          `${url}/nothing,admin?batch=1&input={}`,
          "the admin area",
        ),
      })),
      "subscriptions over server-sent events": both((url) => ({
        EventSource: tells(`${url}/watch`, "the admin area", {
          headers: { accept: "text/event-stream" },
        }),
      })),
      "the body and the input of a procedure made from `guarded`": both((url) => ({
        "a body that cannot be parsed": answers(`${url}/echo`, 400, { method: "POST", body: "{" }),
        "input that is not valid": answers(`${url}/echo`, 400, { method: "POST", body: "7" }),
      })),
      "procedures made from `t.procedure`": {
        reach: tells(`${server.url}/open`, "open to everybody"),
      },
      "the names of procedures: 404 for one that does not exist": {
        reach: answers(`${sockets.url}/nothing`, 404),
        unguarded: answers(`${server.url}/nothing`, 404),
      },
      "WebSockets (`applyWSSHandler`): connections, calls and subscriptions": {
        reach: overWebSocket(sockets.url),
        unguarded: overWebSocket(bareSockets.url),
      },
    },
    close: house.close,
  };
}

const tells =
  (url, text, { headers: own, ...request } = {}) =>
  async (headers) => {
    const answer = await send(url, { ...request, headers: { ...JSON_BODY, ...own, ...headers } });
    return answer.text.includes(text);
  };

const answers = (url, status, request) => async (headers) =>
  (await send(url, { ...request, headers: { ...JSON_BODY, ...headers } })).status === status;

const overWebSocket = (url) =>
  agree({
    opens: socketOpens(overSocket(url)),
    call: socketSays(overSocket(url), { say: CALL, expected: /"type":"data"/ }),
    subscription: socketSays(overSocket(url), { say: WATCH, expected: /"started"/ }),
  });
