import { expect, it } from "vitest";
import { dial, exchange, head, read, statusOf } from "../local/support.ts";
import { plainProxy, rawTarget } from "./support.ts";

const MANY = Array.from({ length: 1001 }, (_, at) => `a${at}:b\r\n`).join("");

it("answers 504 for a silent target", async () => {
  const { port, failures } = await plainProxy(await rawTarget(() => {}), 0.3);
  expect(statusOf(await exchange(port, head(port, "GET /")))).toBe(504);
  expect(failures).toEqual([504]);
});

it("answers 408 for a client that stalls in its body", async () => {
  const { port, failures } = await plainProxy(await rawTarget((socket) => socket.resume()), 0.3);
  expect(statusOf(await exchange(port, `${head(port, "POST /", "Content-Length: 9")}abc`))).toBe(
    408,
  );
  expect(failures).toEqual([408]);
});

it("lets an answer that has begun pause for longer than the time limit for its start", async () => {
  const target = await rawTarget((socket) => {
    socket.once("data", () => {
      socket.write("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\none\r\n");
      setTimeout(() => socket.write("3\r\ntwo\r\n0\r\n\r\n"), 900);
    });
  });
  const { port, failures } = await plainProxy(target, 0.2);
  const answer = await exchange(port, head(port, "GET /"));
  expect(answer).toMatch(/one.*two.*0\r\n\r\n$/s);
  expect(failures).toEqual([]);
});

it("waits for a target without a limit when none was given", async () => {
  // Longer than a kept connection may be idle.
  const target = await rawTarget((socket) => {
    socket.on("data", () => {
      setTimeout(() => socket.write("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"), 1300);
    });
  });
  const { port, failures } = await plainProxy(target);
  for (let times = 0; times < 2; times++) {
    expect(statusOf(await exchange(port, head(port, "GET /")))).toBe(200);
  }
  expect(failures).toEqual([]);
});

it.each([
  ["too many fields", `HTTP/1.1 200 OK\r\n${MANY}Content-Length: 0\r\n\r\n`],
  ["a head that is too large", `HTTP/1.1 200 OK\r\nX: ${"a".repeat(100_000)}\r\n\r\n`],
  ["a folded field", "HTTP/1.1 200 OK\r\nX: a\r\n b\r\nContent-Length: 0\r\n\r\n"],
  ["a space before the colon", "HTTP/1.1 200 OK\r\nContent-Length : 0\r\n\r\n"],
  ["another protocol", "SSH-2.0-OpenSSH_9.2\r\n"],
])("answers 502 for a target that sends %s", async (_title, bytes) => {
  const target = await rawTarget((socket) => socket.once("data", () => socket.end(bytes)));
  const { port, failures } = await plainProxy(target, 5);
  expect(statusOf(await exchange(port, head(port, "GET /")))).toBe(502);
  expect(failures).toEqual([502]);
});

/** The octets that a parser may take in a field or a reason, and that a sender refuses. */
const CONTROLS = Array.from({ length: 256 }, (_, code) => code).filter(
  (code) => (code < 0x20 && ![0x09, 0x0a, 0x0d].includes(code)) || code === 0x7f,
);

it.each([
  ["the text of its status", (octet: string) => `200 a${octet}b\r\nContent-Length: 0\r\n\r\n`],
  ["a field", (octet: string) => `200 OK\r\nX-A: a${octet}b\r\nContent-Length: 0\r\n\r\n`],
  ["a name", (octet: string) => `200 OK\r\nX${octet}A: b\r\nContent-Length: 0\r\n\r\n`],
])("answers 502 for a target with any control character in %s, and goes on", async (_title, of) => {
  let octet = "";
  const target = await rawTarget((socket) => {
    socket.once("data", () => socket.end(`HTTP/1.1 ${of(octet)}`, "latin1"));
  });
  const { port, failures } = await plainProxy(target, 5);
  for (const code of CONTROLS) {
    octet = String.fromCharCode(code);
    expect(await exchange(port, head(port, "GET /"))).toMatch(/^HTTP\/1\.1 502 Bad Gateway\r\n/);
  }
  expect(failures).toEqual(CONTROLS.map(() => 502));
});

it.each([
  ["101 without an upgrade", "101 Switching Protocols\r\n\r\n"],
  ["101 with an upgrade", "101 A\r\nConnection: upgrade\r\nUpgrade: websocket\r\n\r\n"],
  ["a status below 100", "099 A\r\nContent-Length: 0\r\n\r\n"],
  ["a transfer coding other than chunked", "200 A\r\nTransfer-Encoding: gzip, chunked\r\n\r\n"],
])("answers 502 for a target whose answer is %s", async (_title, answer) => {
  const target = await rawTarget((socket) => {
    socket.once("data", () => socket.end(`HTTP/1.1 ${answer}`));
  });
  const { port, failures } = await plainProxy(target, 5);
  expect(statusOf(await exchange(port, head(port, "GET /")))).toBe(502);
  expect(failures).toEqual([502]);
});

it.each(["1.0", "1.1"])(
  "resets the connection of an HTTP/%s client when the answer breaks off",
  async (version) => {
    const part = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n";
    const target = await rawTarget((socket) => {
      socket.once("data", () => socket.write(part));
      setTimeout(() => socket.end(), 100);
    });
    const { port } = await plainProxy(target, 5);
    const socket = await dial(port);
    const ended = new Promise((resolve) => {
      socket.on("error", ({ code }: NodeJS.ErrnoException) => resolve(code)).on("end", resolve);
    });
    socket.resume().write(head(port, "GET /").replace("1.1", version));
    // A plain end would be the end of the body.
    expect(await ended).toBe("ECONNRESET");
  },
);

it("passes on early hints and no other interim answer, however many there are", async () => {
  const target = await rawTarget((socket) =>
    socket.once("data", () => {
      socket.write("HTTP/1.1 102 Processing\r\nX-Secret: 1\r\n\r\n".repeat(50));
      socket.write("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
    }),
  );
  const { port } = await plainProxy(target, 5);
  const answer = await exchange(port, head(port, "GET /"));
  expect(answer).toMatch(/^HTTP\/1\.1 200/);
  expect(answer).not.toContain("Secret");
});

it("keeps each byte of a field of a request that waits for 100 Continue", async () => {
  let seen = "";
  const target = await rawTarget((socket) =>
    socket.on("data", (chunk) => {
      seen += chunk.toString("latin1");
      if (seen.includes("abc")) socket.end("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
    }),
  );
  const { port } = await plainProxy(target, 5);
  const socket = await dial(port);
  const fields = ["X-Name: caf\u00c3\u00a9", "Content-Length: 3", "Expect: 100-continue"];
  socket.write(Buffer.from(head(port, "POST /", ...fields), "latin1"));
  expect(await read(socket, /\r\n\r\n/)).toMatch(/^HTTP\/1\.1 100/);
  socket.write("abc");
  expect(statusOf(await read(socket))).toBe(200);
  expect(seen).toContain("X-Name: caf\u00c3\u00a9\r\n");
});

it("closes the target's connection when the client leaves during its body, even after the answer", async () => {
  let isLeft = false;
  const target = await rawTarget((socket) => {
    socket.once("data", () => socket.write("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"));
    socket.once("close", () => {
      isLeft = true;
    });
    socket.resume();
  });
  const { port } = await plainProxy(target);
  const socket = await dial(port);
  const fields = head(port, "POST /", "Content-Length: 9").replace("close", "keep-alive");
  socket.write(`${fields}abc`);
  expect(statusOf(await read(socket, /ok$/))).toBe(200);
  expect(isLeft).toBe(false);
  socket.destroy();
  await expect.poll(() => isLeft).toBe(true);
});
