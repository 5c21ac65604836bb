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
