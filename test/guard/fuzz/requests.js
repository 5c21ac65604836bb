import { BAD, EARLY, GOOD } from "./answers.js";
import { IDENTITY_NAMES, spell, tokenFields } from "./fields.js";
import { AMBIGUOUS, HIDDEN } from "./shapes.js";

const METHODS = ["GET", "GET", "GET", "POST", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "HEAD"];
const ODD_METHODS = ["PROPFIND", "M-SEARCH", "PURGE", "QUERY", "TRACE", "REPORT", "LINK"];

/** What follows the id in a path; the target does not look at it. */
const TAILS = [
  "",
  "?q=1&r=%2e%2e",
  "/../x",
  "/%2e%2e/",
  "//a",
  "/a%00b",
  ";v=1",
  "?",
  "/%",
  "/\u00e9",
];

/**
 * One request as bytes, and what is known of it.
 *
 * `fate` is "served" (it must reach the target once and be answered), "judged" (genuine; it may reach the
 * target, or be refused as malformed), or "refused" (it must not reach the target).
 */
export function makeRequest(random, context) {
  const roll = random.next();
  if (roll < 0.45) return genuine(random, context);
  if (roll < 0.65) return unguarded(random, context);
  if (roll < 0.9) return ambiguous(random, context);
  return upgrade(random, context);
}

/** A last request after which the guard closes the connection, so that no case waits for a time limit. */
export function lastRequest(random, context) {
  const request = genuine(random, context, { isPlain: true });
  request.fields.push(["Connection", "close"]);
  return { ...request, bytes: bytesOf(request) };
}

function genuine(random, context, { isPlain = false } = {}) {
  const who = random.pick(context.welcome);
  const group = isPlain || random.chance(0.6) ? GOOD : random.chance(0.75) ? BAD : EARLY;
  const mode = pickMode(random, group);
  const method = isPlain || random.chance(0.9) ? random.pick(METHODS) : random.pick(ODD_METHODS);
  const id = context.nextId();
  const fields = [
    ["Host", context.host],
    ...tokenFields(random, who.token),
    ...(random.chance(0.5) ? claims(random) : []),
    ...(random.chance(0.3) ? filler(random) : []),
  ];
  const hasBody = random.chance(/^(?:GET|HEAD|OPTIONS|TRACE)$/.test(method) ? 0.1 : 0.8);
  const path = `/g/${who.index}/${id}/${mode}${isPlain ? "" : random.pick(TAILS)}`;
  const request = { id, who, method, path, mode, fields, version: "1.1", body: Buffer.alloc(0) };
  if (hasBody) addBody(random, context, request);
  // Node's parser takes no bytes beyond ASCII in a path.
  const isUsual = method !== "TRACE" && !/[^!-~]/.test(path);
  const fate = group === GOOD && isUsual ? "served" : "judged";
  return { ...request, fate, bytes: bytesOf(request) };
}

/** Those that end by a time limit alone are rare, or a run would be spent in waiting. */
function pickMode(random, group) {
  const mode = random.pick(Object.keys(group));
  return /^(?:silent|endless)/.test(mode) && random.chance(0.95) ? pickMode(random, group) : mode;
}

/** A body, with a request in it that must stay part of it. */
function addBody(random, context, request) {
  const size = random.chance(0.05) ? 200_000 : random.below(600);
  const hidden = random.chance(0.5) ? hiddenRequest(random, context) : "";
  const text = hidden + random.pick(["a", "\r\n", "0\r\n\r\n", "\0"]).repeat(size / 4);
  request.body = Buffer.from(text, "latin1");
  const expects = random.chance(0.1);
  if (expects) request.fields.push(["Expect", "100-continue"]);
  if (random.chance(0.5)) {
    request.fields.push(["Content-Length", String(request.body.length)]);
    request.sent = request.body;
    return;
  }
  request.fields.push(["Transfer-Encoding", "chunked"]);
  const parts = [];
  for (let at = 0; at < request.body.length; ) {
    const part = request.body.subarray(at, at + 1 + random.below(Math.max(200, size / 8)));
    const extension = random.pick(["", "", ";a=b", ';a="b"']);
    parts.push(
      Buffer.from(`${part.length.toString(16)}${extension}\r\n`),
      part,
      Buffer.from("\r\n"),
    );
    at += part.length;
  }
  const trailers = random.chance(0.4) ? claims(random, true) : [];
  const lines = trailers.map(([name, value]) => `${name}: ${value}\r\n`).join("");
  request.sent = Buffer.concat([...parts, Buffer.from(`0\r\n${lines}\r\n`)]);
}

/** No token, a forged one, or a genuine one where it does not count. */
function unguarded(random, context) {
  const request = genuine(random, context, { isPlain: random.chance(0.5) });
  const rest = request.fields.filter(
    ([name]) => !/^(?:cf-access-jwt-assertion|cookie)$/i.test(name),
  );
  request.fields = [...rest, ...tokenFields(random, random.pick(context.forged), true)];
  if (random.chance(0.3)) request.fields.push(["Authorization", `Bearer ${request.who.token}`]);
  if (random.chance(0.3)) request.fields.push(["Cf_Access_Jwt_Assertion", request.who.token]);
  request.path = request.path.replace("/g/", "/u/");
  return { ...request, fate: "refused", bytes: bytesOf(request) };
}

/** Framing, targets and versions that two servers could read differently; the token is genuine. */
function ambiguous(random, context) {
  const who = random.pick(context.welcome);
  const id = context.nextId();
  const shape = random.pick(AMBIGUOUS);
  const fields = [
    ["Host", context.host],
    ["Cf-Access-Jwt-Assertion", who.token],
  ];
  const path = `/a/${who.index}/${id}/ok`;
  const made = shape.make({
    ...{ random, fields, path, who, host: context.host },
    ...{ hidden: hiddenRequest(random, context) },
  });
  const bytes = Buffer.from(made, "latin1");
  return { id, who, path, shape: shape.name, fate: shape.fate, mode: "ok", fields, bytes };
}

function upgrade(random, context) {
  const isWelcome = random.chance(0.6);
  const who = random.pick(context.welcome);
  const id = context.nextId();
  const protocol = random.pick([
    "websocket",
    "websocket",
    "WebSocket",
    "spdy/3",
    "h2c",
    "h2c, websocket",
    "TLS/1.2",
    "HTTP/1.1",
    "foo bar",
  ]);
  const mode = random.chance(0.6) ? "ok" : pickMode(random, BAD);
  const path = `/${isWelcome ? "g" : "u"}/${who.index}/${id}/${mode}`;
  const fields = [
    ["Host", context.host],
    ["Connection", random.pick(["Upgrade", "upgrade, keep-alive", "Upgrade, X-Auth-Request-User"])],
    ["Upgrade", protocol],
    ...tokenFields(random, isWelcome ? who.token : random.pick(context.forged), !isWelcome),
    ...claims(random),
  ];
  const isSwitched = /^(?:websocket|spdy\/3)$/i.test(protocol);
  const request = { id, who, method: "GET", path, mode, fields, version: "1.1" };
  if (random.chance(0.1)) fields.push(["Content-Length", "5"]);
  // To the target these are bytes of the new protocol; before its answer they may not reach it.
  request.sent = Buffer.from(hiddenRequest(random, context));
  const fate = isWelcome && isSwitched ? "judged" : "refused";
  return { ...request, fate, isUpgrade: true, bytes: bytesOf(request) };
}

/** A request with a genuine token, so that its framing is all that keeps it from the target. */
function hiddenRequest(random, context) {
  const who = random.pick(context.welcome);
  return random.pick(HIDDEN)({ who, id: context.nextId(), host: context.host });
}

/** What a client says of itself: `evil` must not arrive, in whichever spelling. */
function claims(random, isTrailer = false) {
  const names = isTrailer ? [...IDENTITY_NAMES, "Cf-Access-Jwt-Assertion", "Host"] : IDENTITY_NAMES;
  return Array.from({ length: 1 + random.below(4) }, () => [
    spell(random, random.pick(names)),
    "evil",
  ]);
}

/** Beside a genuine token, an application must not see them. */
const FORGED_COOKIES = ["evil", '"evil"', "evil.evil.evil"];

function filler(random) {
  return random.pick([
    () => [["X-Long", "a".repeat(random.below(30_000))]],
    () => Array.from({ length: random.below(200) }, (_, at) => [`X-${at}`, "b"]),
    () => [["Connection", "Cf-Access-Jwt-Assertion, Host, X-Auth-Request-User, Content-Length"]],
    () => [["X-Auth-Request-User", ""]],
    () => [["Cookie", `${spell(random, "CF_Authorization")}=${random.pick(FORGED_COOKIES)}; d=e`]],
    () => [["Cookie", `d=e, CF_Authorization=${random.pick(FORGED_COOKIES)}`]],
    () => [["X-Bytes", "\u00e4\u00ff\t\u00a0"]],
    () => [["TE", "trailers, deflate"]],
    () => [["Accept", "text/html"]],
    () => [["Keep-Alive", "timeout=9999"]],
  ])();
}

export function bytesOf({ method, path, version, fields, sent = Buffer.alloc(0) }) {
  const lines = fields.map(([name, value]) => `${name}: ${value}\r\n`).join("");
  return Buffer.concat([
    Buffer.from(`${method} ${path} HTTP/${version}\r\n${lines}\r\n`, "latin1"),
    sent,
  ]);
}
