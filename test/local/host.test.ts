import { once } from "node:events";
import { connect } from "node:net";
import { networkInterfaces } from "node:os";
import { beforeAll, beforeEach, describe, expect, it } from "vitest";
import { type Application, exchange, head, startAll, statusOf } from "./support.ts";

let app: Application;
let port: number;
let cookie: string;
beforeAll(async () => {
  ({ app, port, cookie } = await startAll());
});
beforeEach(() => {
  app.seen.length = 0;
});

describe("a request for another host", () => {
  it("is not answered when its Host is a name rebound to this machine", async () => {
    for (const host of [
      `rebound.example:${port}`,
      `127.0.0.1.rebound.example:${port}`,
      "127.0.0.1",
      `127.0.0.1:${port + 1}`,
      `127.0.0.2:${port}`,
      `localhost.:${port}`,
      `localhost.rebound.example:${port}`,
      `user@127.0.0.1:${port}`,
      `0.0.0.0:${port}`,
      `2130706433:${port}`,
      "",
    ]) {
      for (const target of ["/", "/cdn-cgi/access/certs", "/cdn-cgi/access/login"]) {
        const request = `GET ${target} HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\nCookie: ${cookie}\r\n\r\n`;
        expect(statusOf(await exchange(port, request)), `${host} ${target}`).toBe(421);
      }
    }
    expect(app.seen).toEqual([]);
  });

  it("is not answered when an upgrade's Host is a name rebound to this machine", async () => {
    const answer = await exchange(
      port,
      `GET / HTTP/1.1\r\nHost: rebound.example:${port}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nCookie: ${cookie}\r\n\r\n`,
    );
    expect(statusOf(answer)).toBe(421);
    expect(app.seen).toEqual([]);
  });

  it("is answered under both names of this machine, in any case", async () => {
    for (const host of [`127.0.0.1:${port}`, `localhost:${port}`, `LOCALHOST:${port}`]) {
      const request = `GET / HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\nCookie: ${cookie}\r\n\r\n`;
      expect(statusOf(await exchange(port, request)), host).toBe(200);
    }
  });

  it("is refused without a Host, or with two", async () => {
    const none = `GET / HTTP/1.1\r\nConnection: close\r\nCookie: ${cookie}\r\n\r\n`;
    expect(statusOf(await exchange(port, none))).toBe(400);
    const old = `GET / HTTP/1.0\r\nCookie: ${cookie}\r\n\r\n`;
    expect(statusOf(await exchange(port, old))).toBe(421);
    for (const second of [`127.0.0.1:${port}`, "rebound.example"]) {
      const two = head(port, "GET /", `Host: ${second}`, `Cookie: ${cookie}`);
      expect(statusOf(await exchange(port, two))).toBe(400);
    }
    expect(app.seen).toEqual([]);
  });

  it("is refused when its target is not a path", async () => {
    for (const line of [
      "GET http://example.com/",
      `GET http://127.0.0.1:${port}/`,
      "GET https://example.com/cdn-cgi/access/certs",
      "OPTIONS *",
    ]) {
      const answer = await exchange(port, head(port, line, `Cookie: ${cookie}`));
      expect(statusOf(answer), line).toBe(400);
    }
    expect(app.seen).toEqual([]);
  });

  it("is refused when it asks for a tunnel", async () => {
    for (const authority of ["example.com:443", new URL(app.url).host, `127.0.0.1:${port}`]) {
      const answer = await exchange(
        port,
        `${head(port, `CONNECT ${authority}`, `Cookie: ${cookie}`)}GET / HTTP/1.1\r\nHost: x\r\n\r\n`,
      );
      expect(statusOf(answer), authority).toBe(405);
    }
    expect(app.seen).toEqual([]);
  });

  it("is not possible on an address that others can reach", async () => {
    const addresses = Object.values(networkInterfaces())
      .flat()
      .filter((network) => network?.internal === false && network.family === "IPv4")
      .map((network) => network?.address ?? "");
    for (const address of [...addresses, "127.0.0.2"]) {
      const socket = connect(port, address);
      const [error] = await once(socket, "error");
      expect((error as NodeJS.ErrnoException).code, address).toBe("ECONNREFUSED");
    }
  });
});
