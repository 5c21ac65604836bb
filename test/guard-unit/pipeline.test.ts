import type { ServerResponse } from "node:http";
import type { Socket } from "node:net";
import { expect, it } from "vitest";
import { dial, exchange, head, read, statusOf } from "../local/support.ts";
import { rawTarget } from "../proxy/support.ts";
import { application, guard, team } from "./support.ts";

const issuer = await team();
const token = await issuer.userToken({ sub: "u1" });
const ASSERTION = `Cf-Access-Jwt-Assertion: ${token}`;
const kept = (port: number, line: string, ...fields: string[]): string =>
  head(port, line, ...fields).replace("close", "keep-alive");
const upgrade = (port: number, ...fields: string[]): string =>
  head(port, "GET /chat", "Upgrade: websocket", ...fields).replace("close", "Upgrade");

/** An application that answers on command. */
async function slowApplication() {
  const waiting: ServerResponse[] = [];
  const app = await application((_request, response) => void waiting.push(response));
  return { ...app, waiting };
}

it.each([
  ["an upgrade without a token", (port: number) => upgrade(port)],
  ["an upgrade to h2c", (port: number) => upgrade(port, ASSERTION).replace("websocket", "h2c")],
  ["CONNECT", (port: number) => head(port, "CONNECT a:1")],
])("does not answer %s before the earlier requests", async (_title, second) => {
  const { url, waiting } = await slowApplication();
  const { port } = await guard({ target: url });
  const socket = await dial(port);
  socket.write(kept(port, "GET /first", ASSERTION) + second(port));
  await expect.poll(() => waiting.length).toBe(1);
  waiting[0]?.end("first");
  const answer = await read(socket);
  expect(answer).toMatch(/^HTTP\/1\.1 200 .*first$/s);
});

it("ignores the bytes after a request that it cannot read with certainty", async () => {
  const app = await application();
  const { port } = await guard({ target: app.url });
  const twice = ["Transfer-Encoding: chunked", "Transfer-Encoding: "];
  const hidden = kept(port, "GET /hidden", ASSERTION);
  const answer = await exchange(
    port,
    `${kept(port, "POST /", ASSERTION, ...twice)}0\r\n\r\n${hidden}`,
  );
  expect(answer).toMatch(/^HTTP\/1\.1 501 .*\r\nConnection: close\r\n\r\nNot Implemented\n$/s);
  expect(app.seen).toEqual([]);
});

it("drops every request of a client that has left", async () => {
  const { url, waiting } = await slowApplication();
  const { port, close } = await guard({ target: url, drainTimeoutSeconds: 3600 });
  const socket = await dial(port);
  socket.write(kept(port, "GET /", ASSERTION) + kept(port, "GET /").repeat(5));
  await expect.poll(() => waiting.length).toBe(1);
  socket.destroy();
  // It waits for requests under way, and there are none.
  await close();
});

it("asks the application at most 32 things at once for one connection, and ends it after them", async () => {
  const { url, waiting } = await slowApplication();
  const { port, close } = await guard({
    target: url,
    publicPaths: ["/"],
    drainTimeoutSeconds: 3600,
  });
  const socket = await dial(port);
  socket.write(kept(port, "GET /").repeat(2000));
  await expect.poll(() => waiting.length).toBe(32);
  await new Promise((resolve) => setTimeout(resolve, 200));
  expect(waiting).toHaveLength(32);
  const answers = read(socket);
  for (const response of waiting) response.end("ok");
  expect((await answers).match(/HTTP\/1\.1 200/g)).toHaveLength(32);
  expect(waiting).toHaveLength(32);
  await close();
});

it("answers any number of requests of one connection, one after another", async () => {
  const { url } = await application((_request, response) => void response.end("ok"));
  const { port } = await guard({ target: url, publicPaths: ["/"] });
  const socket = await dial(port);
  for (let times = 0; times < 100; times++) {
    socket.write(kept(port, "GET /"));
    expect(await read(socket, /ok$/)).toMatch(/^HTTP\/1\.1 200/);
  }
});

it("ends a refused upgrade's connection when the client keeps it open", async () => {
  const { url } = await application();
  const { port } = await guard({ target: url });
  const socket = await dial(port);
  socket.allowHalfOpen = true;
  socket.write(upgrade(port));
  expect(statusOf(await read(socket, /Unauthorized/))).toBe(401);
  const closed = new Promise((resolve) => socket.once("close", resolve));
  const writing = setInterval(() => socket.write("x"), 50);
  socket.on("error", () => {});
  await closed;
  clearInterval(writing);
});

const HINT = "HTTP/1.1 103 Early Hints\r\nLink: </a.css>; rel=preload\r\n\r\n";
const CONTINUE = "HTTP/1.1 100 Continue\r\n\r\n";

it("writes no interim answer into the body of an earlier answer", async () => {
  const sockets: Socket[] = [];
  const target = await rawTarget((socket) => {
    sockets.push(socket);
    socket.once("data", (chunk) => {
      const length = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n";
      if (String(chunk).includes("/second")) socket.write(`${HINT}${CONTINUE}${length}ok`);
    });
  });
  const { port } = await guard({ target: `http://127.0.0.1:${target}` });
  const socket = await dial(port);
  const second = head(port, "POST /second", ASSERTION, "Expect: 100-continue", "Content-Length: 2");
  socket.write(`${kept(port, "GET /first", ASSERTION)}${second}ok`);
  const answer = read(socket);
  await expect.poll(() => sockets.length).toBe(2);
  // Enough time for the second answer to arrive first.
  await new Promise((resolve) => setTimeout(resolve, 200));
  sockets[0]?.write("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nfirst");
  expect(await answer).toMatch(/firstHTTP\/1\.1 200 (?:(?!HTTP\/).)*\r\n\r\nok$/s);
});

it("passes on no token and no address in a trailer, because trailers are not verified", async () => {
  const app = await application();
  const { port } = await guard({ target: app.url });
  const names = ["Cf-Access-Jwt-Assertion", "X-Forwarded-For", "CF-Connecting-IP", "Forwarded"];
  const lines = names.map((name) => `${name}: evil\r\n`).join("");
  const fields = [ASSERTION, "Transfer-Encoding: chunked", `Trailer: ${names.join(", ")}`];
  await exchange(port, `${head(port, "POST /", ...fields)}0\r\n${lines}Checksum: 1\r\n\r\n`);
  expect(app.seen.map(({ trailers }) => trailers)).toEqual([{ checksum: "1" }]);
  expect(app.seen[0]?.headers).not.toHaveProperty("trailer");
});
