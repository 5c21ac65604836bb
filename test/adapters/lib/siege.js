// A WebSocket server under attack: it must keep running, whatever clients send and whenever they
// leave.
import { connect } from "node:net";
import { deflateRawSync } from "node:zlib";
import { withToken } from "./http.js";

const KEY = "dGhlIHNhbXBsZSBub25jZQ==";
const FOREIGN = { Origin: "https://evil.example" };

/**
 * The bytes of a frame as a client sends it; masked with zeros, which change nothing (RFC 6455
 * section 5.3).
 */
function frame(first, payload = Buffer.alloc(0), length = payload.length) {
  const head = Buffer.alloc(10);
  head[0] = first;
  head[1] = 0x80 | 127;
  head.writeBigUInt64BE(BigInt(length), 2);
  return Buffer.concat([head, Buffer.alloc(4), payload]);
}

const short = (first, ...bytes) => Buffer.from([first, 0x80 | bytes.length, 0, 0, 0, 0, ...bytes]);

/** Frames that no server may accept, and some valid ones in pieces that end early. */
const FRAMES = {
  "a reserved opcode": short(0x8b),
  "reserved bits": short(0xf1, 0x41),
  "a frame without a mask": Buffer.from([0x81, 0x01, 0x41]),
  "text that is no UTF-8": short(0x81, 0xff, 0xfe),
  "a continuation without a beginning": short(0x80, 0x41),
  "a ping in pieces": short(0x09, 0x41),
  "a close code that is reserved": short(0x88, 0x03, 0xed),
  "a close frame of one byte": short(0x88, 0x03),
  "a ping that is too long": frame(0x89, Buffer.alloc(126)),
  "a length beyond all bounds": frame(0x82, Buffer.alloc(8), 2 ** 53),
  "a length of a gigabyte": frame(0x82, Buffer.alloc(8), 2 ** 30),
  "the beginning of a frame": short(0x81, 0x41).subarray(0, 3),
  "invalid deflated bytes": short(0xc1, 0xff, 0xff, 0xff),
  "deflated zeros beyond all bounds": frame(0xc2, deflateRawSync(Buffer.alloc(2 ** 28))),
  "random bytes": Buffer.from(Array.from({ length: 64 }, (_, index) => (index * 167) % 256)),
};

/** Handshakes that cannot succeed. */
const HANDSHAKES = {
  "no key": { "Sec-WebSocket-Key": undefined },
  "an invalid key": { "Sec-WebSocket-Key": "x" },
  "an invalid version": { "Sec-WebSocket-Version": "99" },
  "no version": { "Sec-WebSocket-Version": undefined },
  "another protocol": { Upgrade: "h2c" },
  "a malformed extension": { "Sec-WebSocket-Extensions": "permessage-deflate; =;;" },
  "an unacceptable extension": {
    "Sec-WebSocket-Extensions": "permessage-deflate; server_max_window_bits=99",
  },
  "a malformed subprotocol": { "Sec-WebSocket-Protocol": "a,,b" },
};

/** How a client leaves. */
const LEAVES = {
  resets: (socket) => socket.resetAndDestroy(),
  ends: (socket) => socket.end(),
  waits: () => {},
};

function opening(path, headers) {
  const fields = {
    Host: "127.0.0.1",
    Connection: "Upgrade",
    Upgrade: "websocket",
    "Sec-WebSocket-Version": "13",
    "Sec-WebSocket-Key": KEY,
    "Sec-WebSocket-Extensions": "permessage-deflate",
    ...headers,
  };
  const lines = Object.entries(fields).filter(([, value]) => value !== undefined);
  const text = lines.map(([name, value]) => `${name}: ${value}\r\n`).join("");
  return Buffer.from(`GET ${path} HTTP/1.1\r\n${text}\r\n`);
}

/**
 * Connects, sends pieces one after the other, each after an answer to the one before, and leaves.
 */
async function attack(port, pieces, leave) {
  const socket = connect(port, "127.0.0.1");
  socket.on("error", () => {});
  const happens = (event) => new Promise((resolve) => socket.once(event, resolve));
  const closes = happens("close");
  await Promise.race([happens("connect"), closes]);
  for (const [index, piece] of pieces.entries()) {
    if (index > 0) await Promise.race([happens("data"), closes, soon(2000)]);
    socket.write(piece);
  }
  await soon(5);
  leave(socket);
  await Promise.race([closes, soon(40)]);
  socket.destroy();
}

const soon = (ms) => new Promise((resolve) => setTimeout(resolve, ms).unref());

/**
 * Attacks an application's path with no token, with a forged one, from another site's page and with
 * a genuine token, one attack after the other.
 * @param path where a genuine token opens a WebSocket
 */
export async function besiege({ port, issuer }, path) {
  const genuine = withToken(await issuer.userToken());
  const visitors = [{}, withToken("x.y.z"), FOREIGN, { ...genuine, ...FOREIGN }, genuine];
  for (const leave of Object.values(LEAVES)) {
    await Promise.all(visitors.map((headers) => attack(port, [opening(path, headers)], leave)));
    for (const headers of visitors) {
      const attacks = Object.values(FRAMES).flatMap((bytes) => [
        // Together with the handshake, and after its answer.
        [Buffer.concat([opening(path, headers), bytes])],
        [opening(path, headers), bytes],
      ]);
      await Promise.all(attacks.map((pieces) => attack(port, pieces, leave)));
    }
    const handshakes = Object.values(HANDSHAKES).flatMap((change) =>
      visitors.map((headers) => [opening(path, { ...headers, ...change })]),
    );
    await Promise.all(handshakes.map((pieces) => attack(port, pieces, leave)));
  }
}

/** Clients that leave while their token waits for missing keys. */
export async function resetWhileWaiting({ port, issuer }, path) {
  const hello = opening(path, withToken(await issuer.userToken()));
  const ways = [[hello], [Buffer.concat([hello, FRAMES["reserved bits"]])]];
  for (const leave of Object.values(LEAVES)) {
    await Promise.all(ways.map((pieces) => attack(port, pieces, leave)));
  }
}
