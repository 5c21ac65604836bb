// What the walks share: one road has several ways down it, and they all lead to the same end.
import { once } from "node:events";
import { WebSocket } from "ws";
import { send } from "../../lib/http.js";

/** What an application's code answers, by which a walk knows that it was reached. */
export const REACHED = "the application was reached";

/** Whether an answer comes from the application; one to HEAD says so in a header. */
export const isReached = ({ headers, text }) =>
  headers["x-reached"] !== undefined || text.includes(REACHED);

/** An application's own listener, for Node. */
export const reached = (_request, response) => {
  response.setHeader("x-reached", "yes");
  response.end(REACHED);
};

/**
 * Goes down every way with the same headers.
 *
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

/** A way by HTTP. */
export function http(url, { method = "GET", headers: own = {}, body } = {}) {
  return async (headers) =>
    isReached(await send(url, { method, headers: { ...own, ...headers }, body }));
}

/** Ways by HTTP with each of these methods. */
export const methods = (url, names) =>
  Object.fromEntries(names.map((method) => [method, http(url, { method })]));

/** Every method that Node's client can send to a server, without that of tunnels. */
export const METHODS = [
  ..."GET HEAD OPTIONS POST PUT PATCH DELETE TRACE PROPFIND SEARCH PURGE REPORT".split(" "),
];

/** A way by WebSocket: whether a connection is opened. */
export const socketOpens = (url, options) => async (headers) =>
  (await openSocket(url, headers, options)) !== undefined;

/** A way by WebSocket: whether the application's code says what it says to those who may come. */
export const socketSays =
  (url, { expected = REACHED, ...options } = {}) =>
  async (headers) =>
    (await openSocket(url, headers, options))?.match(expected) != null;

/** What a server says first on a WebSocket, or "" when it says nothing; `undefined` when none is opened. */
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
  // A server that says nothing has had half a second to.
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
