// Requests exactly as they are spelt: a client library would normalise the path.
import { createServer, request as httpRequest } from "node:http";
import { connect } from "node:net";

const ASSERTION = "Cf-Access-Jwt-Assertion";

export const withToken = (token) => ({ [ASSERTION]: token });

/** Resolves to status, headers and text; `body` may be an async iterable of chunks. */
export function send(url, { method = "GET", headers = {}, body } = {}) {
  return new Promise((resolve, reject) => {
    const request = httpRequest(url, { method, headers, agent: false, timeout: 30_000 });
    request.once("timeout", () => request.destroy(new Error("no answer in 30 s")));
    request.once("error", reject);
    request.once("response", async (response) => {
      let text = "";
      response.setEncoding("utf8");
      try {
        for await (const chunk of response) text += chunk;
        resolve({ status: response.statusCode, headers: response.headers, text });
      } catch (error) {
        reject(error);
      }
    });
    if (body === undefined || typeof body === "string") return request.end(body);
    (async () => {
      for await (const chunk of body) request.write(chunk);
      request.end();
    })().catch(reject);
  });
}

/** A GET of a request target exactly as it is spelt. */
export function sendRaw(port, target, headers = {}) {
  return new Promise((resolve, reject) => {
    const socket = connect(port, "127.0.0.1");
    let text = "";
    socket.setEncoding("latin1");
    socket.setTimeout(30_000, () => socket.destroy(new Error("no answer in 30 s")));
    socket.once("error", reject);
    socket.on("data", (chunk) => {
      text += chunk;
    });
    socket.once("close", () => resolve({ status: Number(text.slice(9, 12)), text }));
    const fields = { Host: `127.0.0.1:${port}`, Connection: "close", ...headers };
    const lines = Object.entries(fields).map(([name, value]) => `${name}: ${value}\r\n`);
    socket.write(`GET ${target} HTTP/1.1\r\n${lines.join("")}\r\n`);
  });
}

/** Serves a listener on loopback while a function runs, which receives its port and addresses. */
export async function serve(listener, story) {
  const server = createServer(listener).listen(0, "127.0.0.1");
  await new Promise((resolve) => server.once("listening", resolve));
  const { port } = server.address();
  try {
    return await story(port, (path) => `http://127.0.0.1:${port}${path}`);
  } finally {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
}
