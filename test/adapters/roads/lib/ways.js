// What the tests of all pages share: one row has several requests, and all must end the same way.
import { once } from "node:events";
import { WebSocket } from "ws";
import { send } from "../../lib/http.js";

/** The answer of an application's code, which shows a test that the code ran. */
export const REACHED = "the application was reached";

/** Whether an answer comes from the application. An answer to HEAD says so in a header. */
export const isReached = ({ headers, text }) =>
  headers["x-reached"] !== undefined || text.includes(REACHED);

/** An application's own listener, for Node. */
export const reached = (_request, response) => {
  response.setHeader("x-reached", "yes");
  response.end(REACHED);
};

/**
 * Sends every request with the same headers.
 * @param ways by name, each resolves to whether the application was reached
 * @throws when some reach it and others do not
 */
export function agree(ways) {
  return async (headers) => {
    const ends = [];
    for (const [name, way] of Object.entries(ways)) ends.push([name, await way(headers)]);
    const open = ends.filter(([, end]) => end).map(([name]) => name);
    if (open.length > 0 && open.length < ends.length) {
      throw new Error(`open by ${open} and shut by the others of ${Object.keys(ways)}`);
    }
    return open.length > 0;
  };
}

/** A request over HTTP. */
export function http(url, { method = "GET", headers: own = {}, body } = {}) {
  return async (headers) =>
    isReached(await send(url, { method, headers: { ...own, ...headers }, body }));
}

/** Requests over HTTP with each of these methods. */
export const methods = (url, names) =>
  Object.fromEntries(names.map((method) => [method, http(url, { method })]));

/** Every method that Node's client can send to a server, except CONNECT. */
export const METHODS = [
  ..."GET HEAD OPTIONS POST PUT PATCH DELETE TRACE PROPFIND SEARCH PURGE REPORT".split(" "),
];

/** A WebSocket request: whether a connection opens. */
export const socketOpens = (url, options) => async (headers) =>
  (await openSocket(url, headers, options)) !== undefined;

/** A WebSocket request: whether the application's code sends its text for accepted users. */
export const socketSays =
  (url, { expected = REACHED, ...options } = {}) =>
  async (headers) =>
    (await openSocket(url, headers, options))?.match(expected) != null;

/**
 * A server's first message on a WebSocket, or "" when it sends none; `undefined` when none opens.
 */
async function openSocket(url, headers, { protocol, say } = {}) {
  const ws = new WebSocket(url, protocol, { headers });
  const message = new Promise((resolve) => ws.once("message", (data) => resolve(String(data))));
  const closed = new Promise((resolve) => ws.once("close", () => resolve("")));
  const isOpen = await new Promise((resolve) => {
    ws.once("open", () => resolve(true));
    ws.once("unexpected-response", (_request, response) => {
      response.destroy();
      resolve(false);
    });
    ws.on("error", () => resolve(false));
  });
  if (!isOpen) return undefined;
  if (say !== undefined) ws.send(say);
  // A silent server has had half a second to send one.
  const silence = new Promise((resolve) => setTimeout(resolve, 500, ""));
  const said = await Promise.race([message, closed, silence]);
  ws.terminate();
  return said;
}

/** Starts servers of this process on free ports, and ends them all. */
export function createHouse() {
  const closers = [];
  return {
    onClose: (close) => closers.push(close),
    /** Resolves to the address of a server, or of one for a listener. */
    async listen(server) {
      server.listen(0, "127.0.0.1");
      if (!server.listening) await once(server, "listening");
      closers.push(async () => {
        server.closeAllConnections?.();
        await new Promise((resolve) => server.close(resolve));
      });
      return `http://127.0.0.1:${server.address().port}`;
    },
    async close() {
      await Promise.all(closers.map((close) => close()));
    },
  };
}

export const overSocket = (url) => url.replace(/^http/, "ws");
