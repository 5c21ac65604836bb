/** What a target answers, good or bad. Each is given the socket and the good answer's body. */

const head = (status, ...fields) =>
  `HTTP/1.1 ${status}\r\n${fields.map((f) => `${f}\r\n`).join("")}\r\n`;
const length = (body) => `Content-Length: ${Buffer.byteLength(body)}`;
const plain = (body) => head("200 OK", length(body)) + body;
const chunked = (body) => `${Buffer.byteLength(body).toString(16)}\r\n${body}\r\n`;
const CHUNKED = "Transfer-Encoding: chunked";

/** An answer to no request. It must reach no client. */
const POISON = plain("~id=poison~");

// It comes together with the answer before it. Later, on a connection that was reused meanwhile, no proxy can
// tell it from the answer to the next request.

export const GOOD = {
  ok: (socket, body) => socket.write(plain(body)),
  chunked: (socket, body) =>
    socket.write(`${head("200 OK", CHUNKED)}${chunked(body)}0\r\nX-Trailer: 1\r\n\r\n`),
  slow(socket, body) {
    const bytes = plain(body);
    // One timer after the other: a busy process may run timers of different lengths in another order.
    const writeFrom = (at) => {
      if (!socket.writable || at >= bytes.length) return;
      socket.write(bytes.slice(at, at + 40));
      setTimeout(writeFrom, 4, at + 40);
    };
    writeFrom(0);
  },
  hints: (socket, body) =>
    socket.write(
      head("103 Early Hints", "Link: </a.css>; rel=preload").repeat(20) +
        head("102 Processing", "X-Poison: ~id=poison~").repeat(200) +
        plain(body),
    ),
  noLength: (socket, body) => socket.end(head("200 OK") + body),
  old: (socket, body) => socket.end(`HTTP/1.0 200 OK\r\n\r\n${body}`),
};

export const BAD = {
  close: (socket) => socket.end(),
  reset: (socket) => socket.resetAndDestroy(),
  silent: () => {},
  half: (socket, body) => socket.end(head("200 OK", "Content-Length: 5000") + body),
  halfHead: (socket) => socket.end("HTTP/1.1 200 OK\r\nX-A: b\r\nX-"),
  badChunk: (socket, body) => socket.write(`${head("200 OK", CHUNKED)}${chunked(body)}zz\r\n`),
  endlessSize: (socket) => socket.write(`${head("200 OK", CHUNKED)}${"0".repeat(100_000)}`),
  lostChunk: (socket, body) => socket.end(head("200 OK", CHUNKED) + chunked(body)),
  hugeHead: (socket) => socket.write(`HTTP/1.1 200 OK\r\nX: ${"a".repeat(200_000)}\r\n\r\n`),
  manyFields: (socket) =>
    socket.write(head("200 OK", ...Array(1500).fill("X-A: b"), "Content-Length: 0")),
  endlessInterim(socket) {
    const flood = () => socket.writable && socket.write(head("102 Processing").repeat(50));
    const timer = setInterval(flood, 20);
    socket.once("close", () => clearInterval(timer));
  },
  unaskedSwitch: (socket) =>
    socket.write(
      head("101 Switching Protocols", "Connection: Upgrade", "Upgrade: websocket") + POISON,
    ),
  otherSwitch: (socket) =>
    socket.write(head("101 Switching Protocols", "Connection: Upgrade", "Upgrade: h2c") + POISON),
  twoAnswers: (socket, body) => socket.write(plain(body) + POISON),
  tooLong(socket, body) {
    socket.write(head("200 OK", `Content-Length: ${body.length}`) + body + POISON);
  },
  noContentWithBody: (socket) => socket.write(head("204 No Content") + POISON),
  notModifiedWithBody: (socket) => socket.write(head("304 Not Modified", length(POISON)) + POISON),
  lengthAndChunks: (socket, body) =>
    socket.write(`${head("200 OK", CHUNKED, "Content-Length: 3") + chunked(body)}0\r\n\r\n`),
  twoLengths: (socket, body) =>
    socket.write(head("200 OK", length(body), "Content-Length: 1") + body),
  folded: (socket, body) => socket.write(head("200 OK", "X-A: b\r\n c", length(body)) + body),
  otherCoding: (socket, body) =>
    socket.write(`${head("200 OK", "Transfer-Encoding: gzip, chunked")}${chunked(body)}0\r\n\r\n`),
  nulInHead: (socket, body) => socket.write(head("200 OK", "X-A: \0b", length(body)) + body),
  splitHead: (socket, body) =>
    socket.write(head("200 OK", `X-A: b\rSet-Cookie: c`, length(body)) + body),
  oddStatus: (socket) => socket.write(head("999 What", "Content-Length: 0")),
  noStatus: (socket) => socket.write(head("000 What", "Content-Length: 0")),
  lowStatus: (socket) => socket.write(head("099 What", "Content-Length: 0")),
  controlInReason: (socket) => socket.write(head("404 No \x01\x7f", "Content-Length: 0")),
  switchToNothing: (socket) => socket.write(head("101 Switching Protocols") + POISON),
  notHttp: (socket) => socket.write("SSH-2.0-OpenSSH_9.2\r\n"),
  oddName: (socket, body) => socket.write(head("200 OK", "X A: b", length(body)) + body),
};

/** The same before the request has ended. */
export const EARLY = {
  early: GOOD.ok,
  earlyAndGone: (socket, body) =>
    socket.end(head("200 OK", length(body), "Connection: close") + body),
  earlyReset(socket, body) {
    socket.write(head("200 OK", length(body), "Connection: close") + body);
    setTimeout(() => socket.resetAndDestroy(), 5);
  },
  earlyPause(socket, body) {
    socket.pause();
    socket.write(plain(body));
    setTimeout(() => socket.resume(), 300);
  },
};
