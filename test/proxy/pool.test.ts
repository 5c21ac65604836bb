import { createServer } from "node:http";
import type { Socket } from "node:net";
import { expect, it } from "vitest";
import { exchange, head, statusOf } from "../local/support.ts";
import { listen, plainProxy, rawTarget } from "./support.ts";

const OK = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

const get = (port: number, path = "/"): Promise<string> =>
  exchange(port, head(port, `GET ${path}`));
const post = (port: number): Promise<string> =>
  exchange(port, `${head(port, "POST /", "Content-Length: 3")}abc`);

it("serves several requests, bodies included, over one connection to the target", async () => {
  const sockets = new Set<Socket>();
  const server = createServer((request, response) => {
    sockets.add(request.socket);
    request.resume().on("end", () => response.end("ok"));
  });
  const { port } = await plainProxy(await listen(server));
  for (const send of [get, post, get, post]) expect(statusOf(await send(port))).toBe(200);
  expect(sockets.size).toBe(1);
});

it("repeats a request without effects on a new connection when a kept one ends at that moment", async () => {
  const target = await rawTarget((socket, at) => {
    let seen = 0;
    socket.on("data", () => {
      if (at === 0 && seen++ > 0) socket.destroy();
      else socket.write(OK);
    });
  });
  const { port, failures } = await plainProxy(target);
  expect(statusOf(await get(port))).toBe(200);
  expect(statusOf(await get(port))).toBe(200);
  expect(failures).toEqual([]);
});

it("never repeats a request that may have had an effect", async () => {
  let requests = 0;
  const target = await rawTarget((socket) => {
    let seen = 0;
    socket.on("data", (chunk) => {
      if (/^(?:GET|POST)/.test(chunk.toString("latin1"))) requests++;
      if (seen++ > 0) socket.destroy();
      else socket.write(OK);
    });
  });
  const { port, failures } = await plainProxy(target);
  expect(statusOf(await get(port))).toBe(200);
  expect(statusOf(await post(port))).toBe(502);
  expect([requests, failures]).toEqual([2, [502]]);
});

it("gives no client an answer that the target sends without a request", async () => {
  const target = await rawTarget((socket, at) => {
    socket.on("data", () => {
      socket.write(OK);
      if (at === 0) {
        setTimeout(() => socket.write("HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\npoison"), 20);
      }
    });
  });
  const { port } = await plainProxy(target);
  expect(await get(port)).toContain("ok");
  await new Promise((resolve) => setTimeout(resolve, 100));
  for (let times = 0; times < 3; times++) expect(await get(port)).not.toContain("poison");
});

it("gives no client a second answer that comes with the first", async () => {
  const target = await rawTarget((socket) => {
    socket.on("data", () =>
      socket.write(`${OK}HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\npoison`),
    );
  });
  const { port } = await plainProxy(target);
  for (let times = 0; times < 3; times++) expect(await get(port)).not.toContain("poison");
});
