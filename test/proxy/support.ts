import { once } from "node:events";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { type AddressInfo, createServer as createTcpServer, type Socket } from "node:net";
import { afterAll } from "vitest";
import { endToEnd } from "../../src/proxy/fields.ts";
import { forward } from "../../src/proxy/forward.ts";
import { createTarget } from "../../src/proxy/target.ts";

const opened: (() => unknown)[] = [];
afterAll(async () => {
  for (const end of opened.splice(0).reverse()) await end();
});

/** Listens on a free port until the tests of this file are over. */
export async function listen(server: Server): Promise<number> {
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  opened.push(() => {
    server.close();
    server.closeAllConnections();
  });
  return (server.address() as AddressInfo).port;
}

/** A target that works on bytes, and receives each connection. */
export async function rawTarget(serve: (socket: Socket, at: number) => void): Promise<number> {
  const sockets = new Set<Socket>();
  let count = 0;
  const server = createTcpServer((socket) => {
    sockets.add(socket);
    socket.on("error", () => {});
    serve(socket, count++);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  opened.push(() => {
    server.close();
    for (const socket of sockets) socket.destroy();
  });
  return (server.address() as AddressInfo).port;
}

/** A proxy that passes every request on, and counts its failures. */
export async function plainProxy(
  targetPort: number,
  timeoutSeconds?: number,
): Promise<{ port: number; failures: number[] }> {
  const target = createTarget(new URL(`http://127.0.0.1:${targetPort}`), timeoutSeconds);
  opened.push(() => target.pool.destroy());
  const failures: number[] = [];
  const answer = (request: IncomingMessage, response: ServerResponse): void =>
    forward(request, response, {
      target,
      fields: endToEnd(request.rawHeaders).filter(
        ([name]) => !/^(?:content-length|expect)$/i.test(name),
      ),
      isReserved: () => false,
      added: [],
      fail({ status }) {
        failures.push(status);
        response.writeHead(status).end();
      },
    });
  const server = createServer(answer).on("checkContinue", answer);
  return { port: await listen(server), failures };
}
