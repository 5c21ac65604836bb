import { createHash, randomBytes } from "node:crypto";
import { once } from "node:events";
import type { IncomingMessage, RequestListener } from "node:http";
import { request as httpRequest } from "node:http";
import type { AddressInfo } from "node:net";
import { createServer } from "node:net";
import { beforeAll, describe, expect, it } from "vitest";
import {
  bodyOf,
  dial,
  exchange,
  head,
  logIn,
  portOf,
  read,
  startAll,
  startApplication,
  startEmulator,
  statusOf,
  tell,
} from "./support.ts";

let all: Awaited<ReturnType<typeof startAll>>;
beforeAll(async () => {
  all = await startAll();
});

/** A proxy, and an application with this answer. */
function serve(handler: RequestListener = tell(all.app.seen)): typeof all {
  all.app.seen.length = 0;
  all.app.server.removeAllListeners("checkContinue");
  all.app.handler = handler;
  return all;
}

/** Resolved by the test. */
function gate(): { opened: Promise<void>; open: () => void } {
  let open = (): void => {};
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { opened, open };
}

describe("a response", () => {
  it("has its status, reason and fields with several values, without the fields of one connection", async () => {
    const { port, cookie } = serve((_request, response) => {
      response.writeHead(418, "Short and stout", [
        ...["Set-Cookie", "a=1", "Set-Cookie", "b=2"],
        ...["X-Own", "1", "X-Private", "2", "Connection", "X-Private", "Keep-Alive", "timeout=99"],
        ...["Proxy-Authenticate", "Basic"],
      ]);
      response.end("tea");
    });
    const answer = await exchange(port, head(port, "GET /", `Cookie: ${cookie}`));
    expect(answer).toMatch(/^HTTP\/1\.1 418 Short and stout\r\n/);
    expect(answer).toContain("Set-Cookie: a=1\r\nSet-Cookie: b=2\r\nX-Own: 1\r\n");
    expect(answer).not.toMatch(/X-Private|timeout=99|Proxy-Authenticate/i);
  });

  it("to a HEAD has the length of a body, and no body", async () => {
    const { port, cookie } = serve((_request, response) => {
      response.setHeader("Content-Length", "12345");
      response.end();
    });
    const answer = await exchange(port, head(port, "HEAD /", `Cookie: ${cookie}`));
    expect(answer).toMatch(/^HTTP\/1\.1 200 /);
    expect(answer).toContain("Content-Length: 12345\r\n");
    expect(answer.endsWith("\r\n\r\n")).toBe(true);
  });

  it("without a body is sent without one", async () => {
    const { access, cookie } = serve((request, response) => {
      response.writeHead(request.url === "/304" ? 304 : 204, { ETag: '"1"' });
      response.end();
    });
    for (const status of [204, 304]) {
      const answer = await fetch(`${access.url}/${status}`, { headers: { cookie } });
      expect([answer.status, answer.headers.get("etag"), await answer.text()]).toEqual([
        status,
        '"1"',
        "",
      ]);
    }
  });

  it("is streamed: server-sent events arrive one by one", async () => {
    const next = [gate(), gate()];
    const { access, cookie } = serve(async (_request, response) => {
      response.setHeader("Content-Type", "text/event-stream");
      response.flushHeaders();
      for (const { opened } of next) {
        await opened;
        response.write("data: tick\n\n");
      }
    });
    const answer = await fetch(access.url, { headers: { cookie } });
    expect(answer.headers.get("content-type")).toBe("text/event-stream");
    const reader = answer.body?.getReader();
    for (const { open } of next) {
      open();
      const { value } = (await reader?.read()) ?? {};
      expect(new TextDecoder().decode(value)).toBe("data: tick\n\n");
    }
    await reader?.cancel();
  });

  it("ends with its trailer fields", async () => {
    const { port, cookie } = serve((_request, response) => {
      response.setHeader("Trailer", "Checksum, Set-Cookie");
      response.write("body");
      response.addTrailers({ Checksum: "abc", "Set-Cookie": "late=1" });
      response.end();
    });
    const answer = await exchange(port, head(port, "GET /", `Cookie: ${cookie}`, "TE: trailers"));
    expect(answer).toContain("Trailer: Checksum\r\n");
    expect(answer.endsWith("\r\n0\r\nChecksum: abc\r\n\r\n")).toBe(true);
  });

  it("to HTTP/1.0 is not in chunks", async () => {
    const { port, cookie } = serve((_request, response) => {
      response.setHeader("Trailer", "Checksum");
      response.write("one, ");
      response.end("two");
    });
    const request = `GET / HTTP/1.0\r\nHost: 127.0.0.1:${port}\r\nCookie: ${cookie}\r\n\r\n`;
    const answer = await exchange(port, request);
    expect(answer).not.toMatch(/transfer-encoding|trailer/i);
    expect(answer.endsWith("\r\n\r\none, two")).toBe(true);
  });

  it("that breaks off does not look complete", async () => {
    for (const length of [undefined, "100"]) {
      const { access, cookie } = serve((_request, response) => {
        if (length !== undefined) response.setHeader("Content-Length", length);
        response.write("half");
        setImmediate(() => response.destroy());
      });
      const answer = await fetch(access.url, { headers: { cookie } });
      await expect(answer.text()).rejects.toThrow();
    }
  });

  it("comes after early hints", async () => {
    const { port, cookie } = serve((_request, response) => {
      response.writeEarlyHints({ link: "</style.css>; rel=preload; as=style" }, () => {
        response.end("page");
      });
    });
    const answer = await exchange(port, head(port, "GET /", `Cookie: ${cookie}`));
    expect(answer).toMatch(
      /^HTTP\/1\.1 103 Early Hints\r\nLink: <\/style\.css>; rel=preload; as=style\r\n/,
    );
    expect(answer).toMatch(/\r\n\r\nHTTP\/1\.1 200 OK\r\n/);
  });
});

it("passes on several early hints, and drops a malformed one", async () => {
  const hints = [
    ["</a.css>; rel=preload, </b.js>; rel=preload", 103],
    ["nonsense", 200],
    ['</a.css>; rel="pre load"', 200],
  ] as const;
  for (const [link, status] of hints) {
    const { port, cookie } = serve((request, response) => {
      request.socket.write(`HTTP/1.1 103 Early Hints\r\nLink: ${link}\r\n\r\n`);
      response.end("page");
    });
    const answer = await exchange(port, head(port, "GET /", `Cookie: ${cookie}`));
    expect(statusOf(answer)).toBe(status);
    expect(answer).toContain("page");
    if (status === 103) expect(answer).toContain(`Link: ${link}\r\n`);
  }
});

describe("a request body", () => {
  it("of many megabytes arrives complete, by length or in chunks, and so does the answer", async () => {
    const { access, cookie } = serve((request, response) => {
      request.pipe(response);
    });
    const body = randomBytes(8 * 1024 * 1024);
    for (const framing of ["length", "chunks"]) {
      const stream = new Blob([body]).stream();
      const sent = framing === "length" ? { body } : { body: stream, duplex: "half" };
      const answer = await fetch(access.url, {
        method: "POST",
        headers: { cookie },
        ...(sent as { body: Buffer }),
      });
      const digest = (bytes: Uint8Array): string =>
        createHash("sha256").update(bytes).digest("hex");
      expect(digest(new Uint8Array(await answer.arrayBuffer()))).toBe(digest(body));
    }
  });

  it("flows while the answer does", async () => {
    const { port, cookie } = serve((request, response) => {
      request.on("data", (chunk) => response.write(`got ${chunk};`));
      request.on("end", () => response.end("done"));
    });
    const socket = await dial(port);
    socket.write(head(port, "POST /", `Cookie: ${cookie}`, "Transfer-Encoding: chunked"));
    socket.write("3\r\none\r\n");
    expect(await read(socket, /got one;/)).toMatch(/^HTTP\/1\.1 200/);
    socket.write("3\r\ntwo\r\n");
    await read(socket, /got two;/);
    socket.write("0\r\n\r\n");
    expect(await read(socket)).toContain("done");
  });

  it("waits with the client while the application is busy, and is not buffered", async () => {
    const ready = gate();
    const { port, cookie } = serve(async (request, response) => {
      await ready.opened;
      let size = 0;
      for await (const chunk of request) size += (chunk as Buffer).length;
      response.end(String(size));
    });
    const total = 64 * 1024 * 1024;
    const chunk = Buffer.alloc(1024 * 1024);
    const socket = await dial(port);
    socket.write(head(port, "POST /", `Cookie: ${cookie}`, `Content-Length: ${total}`));
    let sent = 0;
    for (let isTaken = true; isTaken && sent < total; ) {
      sent += chunk.length;
      // What is not read within half a second waits for the application.
      const patience = new Promise<false>((resolve) => setTimeout(resolve, 500, false));
      isTaken =
        socket.write(chunk) || (await Promise.race([once(socket, "drain"), patience])) !== false;
    }
    expect(sent).toBeLessThan(total);
    ready.open();
    const answer = read(socket, /\r\n\r\n.*\d{8}/s);
    for (; sent < total; sent += chunk.length) socket.write(chunk);
    expect(await answer).toContain(String(total));
  });

  it("of a request without one is empty", async () => {
    const { app, port, cookie } = serve();
    for (const method of ["GET", "DELETE", "POST", "PUT", "PATCH"]) {
      await exchange(port, head(port, `${method} /`, `Cookie: ${cookie}`));
    }
    const lengths = app.seen.map(({ method, headers }) => [method, headers["content-length"]]);
    expect(lengths).toEqual([
      ["GET", undefined],
      ["DELETE", undefined],
      ["POST", "0"],
      ["PUT", "0"],
      ["PATCH", "0"],
    ]);
    for (const { headers } of app.seen) expect(headers["transfer-encoding"]).toBeUndefined();
  });

  it("may come with a GET", async () => {
    const { app, port, cookie } = serve();
    await exchange(port, `${head(port, "GET /", `Cookie: ${cookie}`, "Content-Length: 3")}abc`);
    expect(app.seen[0]).toMatchObject({ method: "GET", body: "abc" });
  });
});

describe("100-continue", () => {
  it("is sent only by the application", async () => {
    const { app, port, cookie } = serve();
    const asked = gate();
    app.server.on("checkContinue", async (request, response) => {
      asked.open();
      response.writeContinue();
      response.end(await bodyOf(request));
    });
    const socket = await dial(port);
    const fields = [`Cookie: ${cookie}`, "Content-Length: 3", "Expect: 100-continue"];
    socket.write(head(port, "POST /", ...fields));
    expect(await read(socket, /\r\n\r\n/)).toBe("HTTP/1.1 100 Continue\r\n\r\n");
    await asked.opened;
    socket.write("abc");
    expect(await read(socket)).toMatch(/^HTTP\/1\.1 200 .*\r\nabc/s);
  });

  it("is not sent to HTTP/1.0, or to a client that did not ask", async () => {
    const { port, cookie } = serve(async (request, response) => {
      response.writeContinue();
      response.end(await bodyOf(request));
    });
    const asked = [`Cookie: ${cookie}`, "Content-Length: 3", "Expect: 100-continue"];
    const old = head(port, "POST /", ...asked).replace("HTTP/1.1", "HTTP/1.0");
    expect(await exchange(port, `${old}abc`)).toMatch(/^HTTP\/1\.1 200 .*\r\n\r\nabc$/s);
    const silent = head(port, "POST /", ...asked.slice(0, 2));
    expect(await exchange(port, `${silent}abc`)).toMatch(/^HTTP\/1\.1 200 .*abc/s);
  });

  it("is not sent when the application refuses, and the connection then ends", async () => {
    const { app, port, cookie } = serve();
    app.server.on("checkContinue", (_request, response) => {
      response.writeHead(413);
      response.end();
    });
    const fields = [`Cookie: ${cookie}`, "Content-Length: 3", "Expect: 100-continue"];
    const request = head(port, "POST /", ...fields).replace("Connection: close\r\n", "");
    const answer = await exchange(port, request);
    expect(answer).toMatch(/^HTTP\/1\.1 413 .*\r\nConnection: close\r\n/s);
  });
});

describe("an application that is missing or broken", () => {
  it("is a 502", async () => {
    const app = await startApplication();
    const access = await startEmulator(app.url);
    const headers = { cookie: `CF_Authorization=${await logIn(access)}` };
    app.server.close();
    app.server.closeAllConnections();
    const answer = await fetch(access.url, { headers });
    expect(answer.status).toBe(502);
    expect(await answer.text()).toBe(
      `The application at ${app.url} did not answer (ECONNREFUSED).\n`,
    );
  });

  it.each([
    ["hangs up", ""],
    ["talks nonsense", "hello\r\n\r\n"],
    ["gives two lengths", "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab"],
    [
      "gives a length and chunks",
      "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    ],
    [
      "uses another transfer coding",
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n",
    ],
    ["puts a control character into a field", "HTTP/1.1 200 OK\r\nX: a\x01b\r\n\r\n"],
    ["puts one into its reason", "HTTP/1.1 200 O\x01K\r\nContent-Length: 0\r\n\r\n"],
    ["answers without a status", "HTTP/1.1 000 Nothing\r\nContent-Length: 0\r\n\r\n"],
    ["splits its head", "HTTP/1.1 200 OK\r\nX: a\nSet-Cookie: b=c\r\n\r\n"],
    [
      "switches protocols without a request to",
      "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n",
    ],
  ])("is a 502 when it %s", async (_title, bytes) => {
    const server = createServer((socket) => {
      socket.on("error", () => {});
      socket.once("data", () => socket.end(bytes));
    });
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    const access = await startEmulator(
      `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    );
    const cookie = `CF_Authorization=${await logIn(access)}`;
    const port = portOf(access);
    const answer = await exchange(port, head(port, "GET /", `Cookie: ${cookie}`));
    server.close();
    expect(statusOf(answer)).toBe(502);
    expect(answer.match(/HTTP\/1\.1/g)).toHaveLength(1);
    expect(answer).not.toMatch(/set-cookie/i);
  });

  it("may answer before it has read everything", async () => {
    const { port, cookie } = serve((_request, response) => {
      response.writeHead(413, { Connection: "close" });
      response.end("enough");
    });
    const fields = [`Cookie: ${cookie}`, "Content-Length: 50000000"];
    const socket = await dial(port);
    socket.write(head(port, "POST /", ...fields));
    socket.write(Buffer.alloc(100_000));
    expect(await read(socket, /enough/)).toMatch(/^HTTP\/1\.1 413/);
  });
});

describe("a client that disconnects", () => {
  it.each([
    ["before the answer", "GET /", ""],
    ["in the middle of the answer", "GET /stream", ""],
    ["in the middle of its body", "POST /", "half"],
  ])("ends the application's request as well: %s", async (_title, line, body) => {
    const left = gate();
    const arrived = gate();
    const { app, port, cookie } = serve((request, response) => {
      arrived.open();
      request.resume();
      if (request.url === "/stream") response.write("first");
      response.on("close", () => left.open());
    });
    const socket = await dial(port);
    const length = body === "" ? [] : ["Content-Length: 100"];
    socket.write(head(port, line, `Cookie: ${cookie}`, ...length) + body);
    await arrived.opened;
    if (line.includes("stream")) await read(socket, /first/);
    socket.destroy();
    await left.opened;
    await expect
      .poll(
        () =>
          new Promise((resolve) => app.server.getConnections((_error, count) => resolve(count))),
      )
      .toBe(0);
  });
});

it("causes no request when it leaves before the decision", async () => {
  const { app, access, port } = serve((_request, response) => {
    response.write("for ever");
  });
  const { clientId, clientSecret } = access.serviceToken;
  const credentials = [
    `CF-Access-Client-Id: ${clientId}`,
    `CF-Access-Client-Secret: ${clientSecret}`,
  ];
  // The first of these has its token signed, which takes longer than the clients stay.
  for (let times = 0; times < 10; times++) {
    const socket = await dial(port);
    socket.write(head(port, "GET /", ...credentials));
    socket.resetAndDestroy();
  }
  const answer = await fetch(`${access.url}/cdn-cgi/access/certs`);
  expect(answer.status).toBe(200);
  const connections = (): Promise<number> =>
    new Promise((resolve) => app.server.getConnections((_error, count) => resolve(count)));
  await expect.poll(connections, { timeout: 5000 }).toBe(0);
});

it("keeps each byte of a field, both ways", async () => {
  const { port, cookie } = serve((request, response) => {
    response.setHeader("X-Back", request.headers["x-there"] ?? "");
    response.end(Buffer.from("body"));
  });
  for (const value of ["caf\u00e9", "caf\u00c3\u00a9", "\u0080\u00ff"]) {
    for (const method of ["GET", "POST"]) {
      const request = head(port, `${method} /`, `Cookie: ${cookie}`, `X-There: ${value}`);
      expect(await exchange(port, request)).toContain(`X-Back: ${value}\r\n`);
    }
  }
});

it("keeps the path exactly as it was sent", async () => {
  const { app, port, cookie } = serve();
  const paths = [
    "//a//b/../c?x=%2F%zz&y=[1]|'",
    "/%00/..%2f",
    "/cdn-cgi",
    "/?#not-a-fragment",
    "/;a=b,c",
  ];
  for (const path of paths) {
    await exchange(port, head(port, `GET ${path}`, `Cookie: ${cookie}`));
  }
  expect(app.seen.map(({ url }) => url)).toEqual(paths);
});

it("serves many requests at once, each with its own identity", async () => {
  const { access } = serve((request, response) => {
    setTimeout(
      () => response.end(request.headers["cf-access-authenticated-user-email"]),
      Math.random() * 20,
    );
  });
  const people = Array.from({ length: 12 }, (_, at) => `user${at}@example.com`);
  const tokens = await Promise.all(people.map((email) => logIn(access, { email })));
  const answers = await Promise.all(
    Array.from({ length: 10 }, () => tokens)
      .flat()
      .map(async (token) =>
        (await fetch(access.url, { headers: { cookie: `CF_Authorization=${token}` } })).text(),
      ),
  );
  expect(answers).toEqual(Array.from({ length: 10 }, () => people).flat());
});

it("reuses a client's connection", async () => {
  const { access, cookie } = serve();
  const { Agent } = await import("node:http");
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  const ports = new Set<number | undefined>();
  for (let times = 0; times < 3; times++) {
    const request = httpRequest(access.url, { agent, headers: { cookie } });
    request.end();
    const [response] = (await once(request, "response")) as [IncomingMessage];
    ports.add(response.socket.localPort);
    await bodyOf(response);
  }
  agent.destroy();
  expect(ports.size).toBe(1);
});
