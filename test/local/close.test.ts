import { once } from "node:events";
import { connect } from "node:net";
import { describe, expect, it } from "vitest";
import {
  dial,
  head,
  logIn,
  portOf,
  read,
  startAll,
  startApplication,
  startEmulator,
} from "./support.ts";

describe("close()", () => {
  it("ends every connection, those with the application too, and resolves", async () => {
    const { app, access, port, cookie } = await startAll((_request, response) => {
      response.write("for ever");
    });
    app.server.on("upgrade", (_request, socket) => {
      socket.pipe(socket).on("error", () => {});
      socket.write(
        "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n",
      );
    });
    const idle = await dial(port);
    const half = await dial(port);
    half.write("GET / HT");
    const busy = await dial(port);
    busy.write(head(port, "GET /", `Cookie: ${cookie}`));
    await read(busy, /for ever/);
    const sending = await dial(port);
    sending.write(`${head(port, "POST /", `Cookie: ${cookie}`, "Content-Length: 9")}half`);
    await read(sending, /for ever/);
    const switched = await dial(port);
    switched.write(
      head(port, "GET /", `Cookie: ${cookie}`, "Upgrade: websocket").replace("close", "Upgrade"),
    );
    await read(switched, /101/);
    const sockets = [idle, half, busy, sending, switched];
    for (const socket of sockets) socket.on("error", () => {});
    const ended = Promise.all(sockets.map((socket) => socket.destroyed || once(socket, "close")));
    await access.close();
    await ended;
    const connections = (): Promise<number> =>
      new Promise((resolve) => app.server.getConnections((_error, count) => resolve(count)));
    await expect.poll(connections).toBe(0);
  });

  it("frees the port, and may be called again", async () => {
    const app = await startApplication();
    const access = await startEmulator(app.url);
    await Promise.all([access.close(), access.close()]);
    await access.close();
    const [error] = await once(connect(portOf(access), "127.0.0.1"), "error");
    expect(error).toMatchObject({ code: "ECONNREFUSED" });
    const again = await startEmulator(app.url, { port: portOf(access) });
    expect(again.url).toBe(access.url);
  });

  it("makes tokens of the earlier start invalid at the next one", async () => {
    const app = await startApplication();
    const access = await startEmulator(app.url);
    const headers = { cookie: `CF_Authorization=${await logIn(access)}` };
    await access.close();
    const again = await startEmulator(app.url, { port: portOf(access) });
    expect((await fetch(again.url, { headers, redirect: "manual" })).status).toBe(302);
  });
});
