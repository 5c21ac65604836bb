/** Requests that are hidden in what should be a body, or behind one. */
export const HIDDEN = [
  ({ who, id, host }) =>
    `GET /s/${who.index}/${id}/ok HTTP/1.1\r\nHost: ${host}\r\nCf-Access-Jwt-Assertion: ${who.token}\r\n\r\n`,
  ({ who, id, host }) =>
    `POST /s/${who.index}/${id}/ok HTTP/1.1\r\nHost: ${host}\r\nCookie: CF_Authorization=${who.token}\r\nContent-Length: 0\r\n\r\n`,
  ({ who, id, host }) =>
    `0\r\n\r\nGET /s/${who.index}/${id}/ok HTTP/1.1\r\nHost: ${host}\r\nCf-Access-Jwt-Assertion: ${who.token}\r\n\r\n`,
];

const line = ([name, value]) => `${name}: ${value}\r\n`;
const text = (method, path, fields, version = "HTTP/1.1") =>
  `${method} ${path} ${version}\r\n${fields.map(line).join("")}`;
const post = ({ path, fields }) => text("POST", path, fields);
const get = ({ path, fields }) => text("GET", path, fields);

/** Lengths that some reader takes for a number, or for another one. */
const LENGTHS = [
  "+5",
  "-1",
  "0x5",
  "5, 5",
  "5,6",
  "5 5",
  "05a",
  "5.0",
  "\v5",
  "",
  "9".repeat(30),
  "5;a",
  "٣",
];
/** Codings that some reader takes for `chunked`. */
const CODINGS = [
  "xchunked",
  "chunked, identity",
  "identity, chunked",
  "gzip, chunked",
  "chunked;a=b",
  '"chunked"',
  "\vchunked",
  "chunked\0",
  "chunk ed",
  "chunked, chunked",
  "identity",
  "",
  ",chunked",
  "chunked,",
];
/** Sizes of a chunk that some reader takes for a number. */
const SIZES = [
  "0x5",
  "+5",
  "-5",
  "5 ",
  " 5",
  "5_0",
  "g",
  "",
  "ffffffffffffffff1",
  "5\n",
  "5;\n",
  "5\r",
  '5;a="\r\n',
];

/**
 * What two readers could take differently. `refused` must not reach the target in any form; `judged` may be
 * taken by its strict reading. What is hidden in it must never be a request of its own.
 */
export const AMBIGUOUS = [
  refused(
    "length and chunks",
    (a) =>
      `${post(a)}Content-Length: ${a.hidden.length + 5}\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n${a.hidden}`,
  ),
  refused(
    "chunks and length",
    (a) =>
      `${post(a)}Transfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\n${a.hidden.length.toString(16)}\r\n${a.hidden}\r\n0\r\n\r\n`,
  ),
  refused(
    "two lengths",
    (a) => `${post(a)}Content-Length: 0\r\nContent-Length: ${a.hidden.length}\r\n\r\n${a.hidden}`,
  ),
  refused(
    "an odd length",
    (a) => `${post(a)}Content-Length: ${a.random.pick(LENGTHS)}\r\n\r\n${a.hidden}`,
  ),
  refused(
    "an odd coding",
    (a) =>
      `${post(a)}Transfer-Encoding: ${a.random.pick(CODINGS)}\r\n\r\n5\r\nabcde\r\n0\r\n\r\n${a.hidden}`,
  ),
  refused(
    "two codings",
    (a) =>
      `${post(a)}Transfer-Encoding: chunked\r\nTransfer-Encoding: ${a.random.pick(CODINGS)}\r\n\r\n0\r\n\r\n${a.hidden}`,
  ),
  refused(
    "a space before the colon",
    (a) => `${post(a)}Transfer-Encoding : chunked\r\nContent-Length: 3\r\n\r\n${a.hidden}`,
  ),
  refused(
    "a folded coding",
    (a) => `${post(a)}Transfer-Encoding:\r\n chunked\r\nContent-Length: 3\r\n\r\n${a.hidden}`,
  ),
  refused("a folded field", (a) => `${get(a)}X-A: b\r\n Transfer-Encoding: chunked\r\n\r\n`),
  refused(
    "a first line that is folded",
    (a) => `${text("GET", a.path, [])} X: a\r\n${a.fields.map(line).join("")}\r\n`,
  ),
  judged(
    "a length in another spelling",
    (a) =>
      `${post(a)}Content_Length: ${a.hidden.length}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n`,
  ),
  judged(
    "a coding in another spelling",
    (a) =>
      `${post(a)}Transfer_Encoding: chunked\r\nContent-Length: ${a.hidden.length}\r\n\r\n${a.hidden}`,
  ),
  begun(
    "an odd size of a chunk",
    (a) =>
      `${post(a)}Transfer-Encoding: chunked\r\n\r\n${a.random.pick(SIZES)}\r\nabcde\r\n0\r\n\r\n${a.hidden}`,
  ),
  begun(
    "a chunk without its end",
    (a) => `${post(a)}Transfer-Encoding: chunked\r\n\r\n5\r\nabcdeX\r\n0\r\n\r\n${a.hidden}`,
  ),
  begun(
    "a chunk that ends early",
    (a) => `${post(a)}Transfer-Encoding: chunked\r\n\r\nff\r\nabc\r\n0\r\n\r\n${a.hidden}`,
  ),
  begun(
    "framing in the trailer",
    (a) =>
      `${post(a)}Transfer-Encoding: chunked\r\nTrailer: Content-Length\r\n\r\n0\r\nContent-Length: 50\r\nTransfer-Encoding: gzip\r\nHost: evil\r\nX-Auth-Request-User: evil\r\n\r\n`,
  ),
  refused("a bare line feed", (a) => `${get(a)}X-A: b\nX-Auth-Request-User: evil\r\n\r\n`),
  refused("a bare carriage return", (a) => `${get(a)}X-A: b\rX-Auth-Request-User: evil\r\n\r\n`),
  refused("a zero octet", (a) => `${get(a)}X-A: b\0c\r\n\r\n`),
  refused("a zero octet in a name", (a) => `${get(a)}X-A\0: c\r\n\r\n`),
  refused("lines that end in a line feed", (a) => `${get(a)}\r\n`.replaceAll("\r\n", "\n")),
  refused("two hosts", (a) => `${get(a)}Host: evil.example\r\n\r\n`),
  refused(
    "no host",
    ({ path, who }) => `${text("GET", path, [["Cf-Access-Jwt-Assertion", who.token]])}\r\n`,
  ),
  refused("the absolute form", (a) => `${text("GET", `http://${a.host}${a.path}`, a.fields)}\r\n`),
  refused("another origin", (a) => `${text("GET", `http://evil.example${a.path}`, a.fields)}\r\n`),
  refused("CONNECT", (a) => `${text("CONNECT", a.host, a.fields)}\r\n${a.hidden}`),
  refused("the asterisk", (a) => `${text("OPTIONS", "*", a.fields)}\r\n`),
  refused("no slash", (a) => `${text("GET", a.path.slice(1), a.fields)}\r\n`),
  refused("a space in the path", (a) => `${text("GET", `${a.path} HTTP/1.1 x`, a.fields)}\r\n`),
  refused(
    "an unknown method",
    (a) => `${text(a.random.pick(["GETX", "get", "G\0T", "PRI"]), a.path, a.fields)}\r\n`,
  ),
  refused("the preface of HTTP/2", (a) => `PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n${a.hidden}`),
  refused("HTTP/0.9", (a) => `GET ${a.path}\r\n\r\n`),
  refused(
    "another version",
    (a) =>
      `${text("GET", a.path, a.fields, a.random.pick(["HTTP/2.0", "HTTP/1.2", "HTTP/0.9", "HTTP/1.10", "HTTPS/1.1", "http/1.1"]))}\r\n`,
  ),
  refused(
    "HTTP/1.0 with chunks",
    (a) =>
      `${text("POST", a.path, a.fields, "HTTP/1.0")}Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n${a.hidden}`,
  ),
  judged(
    "HTTP/1.0",
    (a) => `${text("GET", a.path, a.fields, "HTTP/1.0")}Connection: keep-alive\r\n\r\n`,
  ),
  refused("a head that is too large", (a) => `${get(a)}X-A: ${"a".repeat(70_000)}\r\n\r\n`),
  refused("too many fields", (a) => `${get(a)}${"A: b\r\n".repeat(1500)}\r\n`),
  refused("a head that never ends", (a) => `${get(a)}X-A`),
  refused("assertions that differ", (a) => `${get(a)}Cf-Access-Jwt-Assertion: other\r\n\r\n`),
  refused(
    "a body on an upgrade",
    (a) =>
      `${get(a)}Connection: Upgrade\r\nUpgrade: websocket\r\nContent-Length: ${a.hidden.length}\r\n\r\n${a.hidden}`,
  ),
  refused(
    "an upgrade to HTTP/2",
    (a) =>
      `${get(a)}Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQAAP__\r\n\r\n${a.hidden}`,
  ),
  judged("a path with high bytes", (a) => `${text("GET", `${a.path}/\xe4\xff`, a.fields)}\r\n`),
  judged("a path with a fragment", (a) => `${text("GET", `${a.path}#/../x`, a.fields)}\r\n`),
  judged(
    "another expectation",
    (a) => `${post(a)}Expect: 200-maybe\r\nContent-Length: 2\r\n\r\nab`,
  ),
];

function refused(name, make) {
  return { name, fate: "refused", make };
}

/** Its head is good, so the target may see it begin before the fault in its body is there. */
function begun(name, make) {
  return { name, fate: "judged", make };
}

function judged(name, make) {
  return { name, fate: "judged", make };
}
