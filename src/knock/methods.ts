import { ASSERTION, COOKIE, EMAIL, get, queryOf } from "./credentials.ts";
import type { Field, Knock, Sent } from "./types.ts";

const WEBSOCKET_KEY = "dGhlIHNhbXBsZSBub25jZQ==";
const PREFLIGHT: readonly Field[] = [
  ["Origin", "https://app.example.com"],
  ["Access-Control-Request-Method", "GET"],
  ["Access-Control-Request-Headers", "authorization"],
];

/** What a handshake is tried with: the host and the person that it names, and tokens that must not be accepted. */
export interface Offered {
  readonly host: string;
  readonly email: string;
  readonly stranger: string;
  /** The token that the gate gives to everyone. */
  readonly meta: string | undefined;
}

/** Requests the same path with other methods, and as a WebSocket. */
export function methods(base: string, { host, email, stranger, meta }: Offered): Knock[] {
  const of = (method: Sent["method"], ...headers: readonly Field[]): Sent => ({
    ...{ method, target: base, headers },
  });
  const other = "Only GET is guarded.";
  const override = "A header changes the method after the guard has decided.";
  const socket = "WebSocket handshakes reach the application without passing its guard.";
  const preflight = "Every request that looks like a CORS preflight gets in.";
  const forged =
    "A WebSocket handshake gets in with a token that is decoded and not verified: check it as for a page.";
  const script = "Requests that say a script sent them get in.";
  const data = "Requests for data get in.";
  const half =
    "The guard skips a request with the headers of an upgrade because it expects a WebSocket, but the application serves the page.";
  const tries: readonly (readonly [name: string, why: string, sent: Sent])[] = [
    ["head", other, of("HEAD")],
    ["options", other, of("OPTIONS")],
    ["preflight", preflight, of("OPTIONS", ...PREFLIGHT)],
    ["get-as-preflight", preflight, get(base, ...PREFLIGHT)],
    ["override-options", override, of("GET", ...overrides("OPTIONS"))],
    ["override-head", override, of("GET", ...overrides("HEAD"))],
    ["options-overridden-get", override, of("OPTIONS", ...overrides("GET"))],
    ["head-overridden-get", override, of("HEAD", ...overrides("GET"))],
    ["override-in-query", override, get(`${base}?_method=OPTIONS&method=HEAD&x.json`)],
    [
      "script",
      script,
      get(
        base,
        ["X-Requested-With", "XMLHttpRequest"],
        ...SCRIPT.map((name): Field => [name, "1"]),
      ),
    ],
    [
      "script-fetch",
      script,
      get(
        base,
        ["X-Requested-With", "fetch"],
        ["Sec-Fetch-Mode", "no-cors"],
        ["Sec-Fetch-Dest", "script"],
        ["Accept", "image/avif,image/webp,*/*"],
      ),
    ],
    ["data", data, get(base, ["Accept", "application/json"], ["Content-Type", "application/json"])],
    [
      "event-stream",
      data,
      get(base, ["Accept", "text/event-stream"], ["Content-Type", "application/grpc"]),
    ],
    ["websocket", socket, handshake(base)],
    ["websocket-with-origin", socket, handshake(base, ["Origin", `https://${host}`])],
    [
      "websocket-with-trusted-headers",
      socket,
      handshake(
        base,
        ["Origin", `http://${host}`],
        [EMAIL, email],
        ["X-Forwarded-For", "127.0.0.1"],
        ["Sec-WebSocket-Protocol", "access_token, garbage"],
      ),
    ],
    [
      "websocket-forged",
      forged,
      handshake(
        base,
        [ASSERTION, stranger],
        ["Cookie", `${COOKIE}=${stranger}`],
        ["Authorization", `Bearer ${stranger}`],
      ),
    ],
    ["websocket-forged-in-query", forged, handshake(`${base}?${queryOf(stranger)}`)],
    [
      "websocket-forged-in-protocol",
      forged,
      handshake(base, ["Sec-WebSocket-Protocol", `access_token, ${stranger}`]),
    ],
    ...(meta === undefined
      ? []
      : ([
          [
            "meta-token-in-websocket",
            "A WebSocket handshake gets in with the token that the gate gives to everyone: check issuer and type there as well.",
            handshake(base, [ASSERTION, meta], ["Cookie", `${COOKIE}=${meta}`]),
          ],
        ] as const)),
    [
      "half-a-websocket",
      half,
      get(
        base,
        ["Upgrade", "websocket"],
        ["Sec-WebSocket-Version", "13"],
        ["Sec-WebSocket-Key", WEBSOCKET_KEY],
        ["Sec-WebSocket-Protocol", "chat"],
      ),
    ],
    ["upgrade-to-nothing", half, get(base, ["Connection", "Upgrade"])],
    ["upgrade-to-http-2", half, get(base, ["Upgrade", "h2c"], ["HTTP2-Settings", "AAMAAABk"])],
  ];
  return tries.map(([name, why, sent]) => ({ name, base, why, sent, family: "method" }));
}

/** Headers of the libraries that load parts of pages. */
const SCRIPT = [
  ...["HX-Request", "X-Inertia", "X-PJAX", "Turbo-Frame", "X-Grpc-Web", "X-CSRF"],
  ...["X-Sveltekit-Invalidated", "Next-Action", "Service-Worker"],
];

/** Paths where applications often listen for WebSockets. Only a real one answers 101. */
const SOCKETS = [
  ...["/ws", "/socket", "/websocket", "/graphql", "/cable", "/ws/", "/api/ws", "/live/websocket"],
  ...["/events", "/stream", "/chat", "/live"],
];
const SOCKET_IO = "/socket.io/?EIO=4&transport=websocket";

/** Handshakes at the usual WebSocket paths, without credentials. */
export function sockets(base: string): Knock[] {
  const why =
    "WebSocket handshakes reach the application without passing its guard: you did not name this path, and it lets them in.";
  const below = `${base.replace(/\/$/, "")}/ws`;
  const paths = [...SOCKETS.slice(0, 5), SOCKET_IO, below, ...SOCKETS.slice(5)];
  return [...new Set(paths)]
    .filter((path) => path !== base)
    .map((path) => ({
      name: `websocket-at-${path.replace(/\?.*$/, "").replace(/\W+/g, " ").trim().replaceAll(" ", "-")}`,
      ...{ base, why, sent: handshake(path), family: "method" },
    }));
}

function overrides(method: string): Field[] {
  const names = [
    ...["X-HTTP-Method-Override", "X-HTTP-Method", "X-Method-Override"],
    ...["X-Forwarded-Method", "X-Original-Method", "X-Method"],
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
      ["Sec-WebSocket-Key", WEBSOCKET_KEY],
      ...headers,
    ],
  };
}
