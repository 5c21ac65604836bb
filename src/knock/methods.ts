import { ASSERTION, get } from "./credentials.ts";
import type { Field, Knock, Sent } from "./types.ts";

const PREFLIGHT: readonly Field[] = [
  ["Origin", "https://app.example.com"],
  ["Access-Control-Request-Method", "GET"],
];

/** Requests the same path with other methods, and as a WebSocket. */
export function methods(base: string, stranger: string): Knock[] {
  const of = (method: Sent["method"], ...headers: readonly Field[]): Sent => ({
    ...{ method, target: base, headers },
  });
  const other = "Only GET is guarded.";
  const override = "A header changes the method after the guard has decided.";
  const socket = "WebSocket handshakes reach the application without passing its guard.";
  const preflight = "Every request that looks like a CORS preflight gets in.";
  const tries: readonly (readonly [name: string, why: string, sent: Sent])[] = [
    ["head", other, of("HEAD")],
    ["options", other, of("OPTIONS")],
    ["preflight", preflight, of("OPTIONS", ...PREFLIGHT)],
    ["get-as-preflight", preflight, get(base, ...PREFLIGHT)],
    ["override-options", override, of("GET", ...overrides("OPTIONS"))],
    ["override-head", override, of("GET", ...overrides("HEAD"))],
    ["options-overridden-get", override, of("OPTIONS", ...overrides("GET"))],
    ["head-overridden-get", override, of("HEAD", ...overrides("GET"))],
    ["override-in-query", override, get(`${base}?_method=OPTIONS`)],
    [
      "script",
      "Requests that say a script sent them get in.",
      get(base, ["X-Requested-With", "XMLHttpRequest"]),
    ],
    ["data", "Requests for data get in.", get(base, ["Accept", "application/json"])],
    ["websocket", socket, handshake(base)],
    ["websocket-with-origin", socket, handshake(base, ["Origin", "https://app.example.com"])],
    ["websocket-forged", socket, handshake(base, [ASSERTION, stranger])],
    [
      "websocket-forged-in-protocol",
      socket,
      handshake(base, ["Sec-WebSocket-Protocol", `access_token, ${stranger}`]),
    ],
    [
      "half-a-websocket",
      "The guard skips a request with an Upgrade header because it expects a WebSocket, but the application serves the page.",
      get(base, ["Upgrade", "websocket"]),
    ],
  ];
  return tries.map(([name, why, sent]) => ({ name, base, why, sent, family: "method" }));
}

/** Paths where applications often listen for WebSockets. Only a real one answers 101. */
const SOCKETS = ["/ws", "/socket", "/websocket", "/graphql", "/cable"];
const SOCKET_IO = "/socket.io/?EIO=4&transport=websocket";

/** Handshakes at the usual WebSocket paths, without credentials. */
export function sockets(base: string): Knock[] {
  const why =
    "WebSocket handshakes reach the application without passing its guard: you did not name this path, and it lets them in.";
  return [...SOCKETS, SOCKET_IO]
    .filter((path) => path !== base)
    .map((path) => ({
      name: `websocket-at-${path.replace(/\?.*$/, "").replace(/\W+/g, " ").trim().replaceAll(" ", "-")}`,
      ...{ base, why, sent: handshake(path), family: "method" },
    }));
}

function overrides(method: string): Field[] {
  const names = [
    ...["X-HTTP-Method-Override", "X-HTTP-Method", "X-Method-Override"],
    ...["X-Forwarded-Method", "X-Original-Method"],
  ];
  return names.map((name) => [name, method]);
}

/** A WebSocket handshake (RFC 6455 section 4.1). */
export function handshake(target: string, ...headers: readonly Field[]): Sent {
  return {
    ...{ method: "GET", target, isHandshake: true },
    headers: [
      ["Upgrade", "websocket"],
      ["Connection", "Upgrade"],
      ["Sec-WebSocket-Version", "13"],
      ["Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ=="],
      ...headers,
    ],
  };
}
