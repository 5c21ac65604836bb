import { once } from "node:events";
import { createServer, type Server, type Socket } from "node:net";
import { afterEach, describe, expect, it } from "vitest";
import { read, socketCarrier } from "../../src/knock/socket-carrier.ts";
import type { Sent } from "../../src/knock/types.ts";

const open: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of open.splice(0)) await close();
});

/** A server that keeps the bytes it receives, and sends given bytes. */
async function serverThat(
  answer: (socket: Socket) => void,
): Promise<{ url: URL; heard: string[] }> {
  const heard: string[] = [];
  const server: Server = createServer((socket) => {
    socket.on("error", () => {});
    socket.once("data", (chunk) => {
      heard.push(chunk.toString("latin1"));
      answer(socket);
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  open.push(() => new Promise((resolve) => server.close(resolve)));
  const address = server.address();
  const port = typeof address === "object" ? address?.port : 0;
  return { url: new URL(`http://127.0.0.1:${port}/`), heard };
}

const GET: Sent = { method: "GET", target: "/", headers: [] };
const never = new AbortController().signal;
const door = (url: URL, timeoutMs = 5_000) => ({ url, timeoutMs, userAgent: "postern-knock/1" });

describe("a knock over a socket", () => {
  it("is sent exactly as spelt, with its own fields in place of the usual ones", async () => {
    const { url, heard } = await serverThat((socket) => socket.end("HTTP/1.1 401 No\r\n\r\n"));
    const headers = [
      ["Host", "localhost"],
      ["X-Twice", "1"],
      ["X-Twice", "2"],
    ] as const;
    const sent: Sent = { method: "HEAD", target: "//a/../b%2f?x", headers };
    const reply = await socketCarrier(door(url)).send(sent, never);
    expect(reply).toEqual({ status: 401, location: undefined, body: "" });
    expect(heard).toEqual([
      "HEAD //a/../b%2f?x HTTP/1.1\r\nUser-Agent: postern-knock/1\r\nAccept: */*\r\nConnection: close\r\nHost: localhost\r\nX-Twice: 1\r\nX-Twice: 2\r\n\r\n",
    ]);
  });

  it("connects to the given address, and asks for the given host", async () => {
    const { url, heard } = await serverThat((socket) => socket.end("HTTP/1.1 200 OK\r\n\r\nhi"));
    const connect = { host: "127.0.0.1", port: Number(url.port) };
    const elsewhere = { ...door(new URL("http://nowhere.invalid/")), connect, host: "app.test" };
    const reply = await socketCarrier(elsewhere).send(GET, never);
    expect(reply).toMatchObject({ status: 200, body: "hi" });
    expect(heard[0]).toContain("\r\nHost: app.test\r\n");
  });

  it("tells a cut from an answer, and from a refused connection", async () => {
    const cut = await serverThat((socket) => socket.destroy());
    expect(await socketCarrier(door(cut.url)).send(GET, never)).toMatchObject({ isCut: true });
    const closed = await socketCarrier(door(new URL("http://127.0.0.1:1/"))).send(GET, never);
    expect(closed).toEqual({ status: null, isCut: false, reason: "the connection was refused" });
  });

  it("waits no longer than its time limit", async () => {
    const { url } = await serverThat((socket) => setTimeout(() => socket.destroy(), 2_000));
    const reply = await socketCarrier(door(url, 100)).send(GET, never);
    expect(reply).toEqual({ status: null, isCut: false, reason: "no answer in time" });
    const stopped = await socketCarrier(door(url)).send(GET, AbortSignal.abort());
    expect(stopped).toMatchObject({ status: null });
  });

  it("needs only the head of an endless stream", async () => {
    const { url } = await serverThat((socket) => {
      socket.write("HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\ndata: 1\n\n");
      setTimeout(() => socket.destroy(), 4_000);
    });
    expect(await socketCarrier(door(url)).send(GET, never)).toMatchObject({ status: 200 });
  });

  it.each([
    ["interim answers", "HTTP/1.1 100 Continue\r\n\r\n".repeat(1000)],
    ["fields", "X: a\r\n".repeat(1000)],
  ])("waits for no end of endless %s", async (_title, part) => {
    const { url } = await serverThat((socket) => {
      socket.write("HTTP/1.1 103 Early Hints\r\n");
      const more = setInterval(() => socket.write(part), 1);
      socket.once("close", () => clearInterval(more));
    });
    const reply = await socketCarrier(door(url, 60_000)).send(GET, never);
    expect(reply).toMatchObject({ status: null, isCut: false });
  });
});

describe("an answer", () => {
  const parse = (text: string, isAll = false, method: Sent["method"] = "GET") =>
    read(Buffer.from(text, "latin1"), method, isAll);

  it.each([
    ["HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi", 200, "hi"],
    ["HTTP/1.0 200\r\nContent-Length: 2\r\n\r\nhi and more", 200, "hi"],
    [
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n1;a=b\r\n!\r\n0\r\n\r\n",
      200,
      "hi!",
    ],
    ["HTTP/1.1 103 Early Hints\r\n\r\nHTTP/1.1 401 No\r\nContent-Length: 0\r\n\r\n", 401, ""],
    ["HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n\r\n", 101, ""],
    ["HTTP/1.1 204 No Content\r\n\r\n", 204, ""],
  ])("is read as soon as it is complete: %j", (text, status, body) => {
    expect(parse(text)).toMatchObject({ status, body });
  });

  it.each([
    "",
    "HTTP/1.1 2",
    "HTTP/1.1 200 OK\r\nContent-Le",
    "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nhi",
    "HTTP/1.1 200 OK\r\n\r\nhi",
  ])("is waited for: %j", (text) => {
    expect(parse(text)).toBeUndefined();
  });

  it("is found after any number of interim answers", () => {
    const interim = "HTTP/1.1 102 Processing\r\nX: 1\r\n\r\n".repeat(50_000);
    const last = "HTTP/1.1 401 No\r\nContent-Length: 0\r\n\r\n";
    expect(parse(`${interim}${last}`)).toMatchObject({ status: 401 });
    expect(parse(`${interim}HTTP/1.1 401 N`)).toBeUndefined();
  });

  it("of chunks ends with an empty line after the last chunk and the trailers", () => {
    const head = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
    const body = `${head}1\r\na\r\n000;x=y\r\n`;
    expect(parse(`${body}X: 1\r\nY: 2\r\n\r\n`)).toMatchObject({ body: "a" });
    expect(parse(`${body}X: 1\r\nY: 2\r\n`)).toBeUndefined();
    expect(parse(`${head}5\r\n0\r\n\r\n\r\n`)).toBeUndefined();
    // With one search for each line, this would take minutes.
    expect(parse(`${head}${"0\r\n".repeat(500_000)}`)).toBeUndefined();
  });

  it("gives the target of a redirect", () => {
    const text = "HTTP/1.1 302 Found\r\nlocation:  /x \r\nContent-Length: 0\r\n\r\n";
    expect(parse(text)).toMatchObject({ location: "/x" });
  });

  // In a time that grows with the square of the length, each of them takes minutes.
  it.each([" ", "\t"])("has fields with any number of %j", (space) => {
    const location = `a${space.repeat(600_000)}b`;
    const text = `HTTP/1.1 302 Found\r\nLocation: ${location}\r\nContent-Length: 0\r\n\r\n`;
    expect(parse(text)).toMatchObject({ location });
  });

  it("is none when it is of another protocol", () => {
    expect(parse("SSH-2.0-OpenSSH_9.2\r\n", true)).toMatchObject({ status: null });
  });
});
