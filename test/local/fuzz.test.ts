import type { IncomingMessage } from "node:http";
import { connect } from "node:net";
import { expect, it } from "vitest";
import { startAll } from "./support.ts";

/** The same numbers at every run (mulberry32). */
function generator(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) % below;
  };
}

it("passes on only requests with the edge's own assertion, whatever a client writes", async () => {
  const seen: IncomingMessage[] = [];
  const { port, token, cookie } = await startAll((request, response) => {
    seen.push(request);
    request.resume().on("end", () => response.end());
  });
  const random = generator(7);
  const one = <T>(list: readonly T[]): T => list[random(list.length)] as T;
  const forged = ["forged", "", " ", "forged, forged", `${token}x`];
  const targets = [
    "/",
    "/",
    "/",
    "/x?y",
    "//evil.example",
    "http://evil.example/",
    "/cdn-cgi/access/certs",
  ];
  const lines = (): string =>
    one([
      () => `Cookie: ${cookie}`,
      () => `Cookie: CF_Authorization=${one(forged)}; ${cookie}`,
      () =>
        `${one(["Cf-Access-Jwt-Assertion", "CF_ACCESS_JWT_ASSERTION", "Cf-Access-Jwt-Assertion "])}: ${one(forged)}`,
      () =>
        `Connection: ${one(["close", "keep-alive", "Cf-Access-Jwt-Assertion", "Upgrade", "Cookie, Host", "TE"])}`,
      () => `Content-Length: ${one(["0", "3", "99", "-1", "0x3", "3, 3"])}`,
      () => `Transfer-Encoding: ${one(["chunked", "identity", "gzip, chunked", "\tchunked"])}`,
      () => `Upgrade: ${one(["websocket", "h2c"])}`,
      () => `Trailer: ${one(["Cf-Access-Jwt-Assertion", "X", ""])}`,
      () => `TE: ${one(["trailers", "gzip"])}`,
      () => `Expect: ${one(["100-continue", "200-ok"])}`,
      () => `X: ${one(["a", "\u00e9", "a\tb"])}`,
    ])();
  const ends = [...Array<string>(40).fill("\r\n"), "\n", "\r", "\r\n ", "\0\r\n"];
  const framed = [
    ["", ""],
    ["Content-Length: 3\r\n", "abc"],
    ["Transfer-Encoding: chunked\r\n", "3\r\nabc\r\n0\r\n\r\n"],
    [
      "Trailer: Cf-Access-Jwt-Assertion\r\nTransfer-Encoding: chunked\r\n",
      "0\r\nCf-Access-Jwt-Assertion: forged\r\n\r\n",
    ],
  ] as const;
  const behind = [
    ...["", "", "", "", "abc", "0\r\n\r\n"],
    "GET /smuggled HTTP/1.1\r\nHost: x\r\nCf-Access-Jwt-Assertion: forged\r\n\r\n",
  ];

  // Most requests are nearly right, or none would reach the application.
  const request = (): string => {
    const [framing, body] = one(framed);
    let head = `${one(["GET", "POST", "HEAD", "PUT", "OPTIONS"])} ${one(targets)} HTTP/${one(["1.1", "1.1", "1.1", "1.0"])}\r\n`;
    head += `Host: 127.0.0.1:${port}\r\nCookie: ${cookie}\r\n${framing}`;
    for (let more = random(4); more > 0; more--) head += lines() + one(ends);
    return `${head}\r\n${body}${one(behind)}`;
  };

  const send = (bytes: string): Promise<void> =>
    new Promise((resolve) => {
      const socket = connect(port, "127.0.0.1", () => socket.write(Buffer.from(bytes, "latin1")));
      socket.setTimeout(250, () => socket.destroy());
      socket.resume();
      socket.on("error", () => {});
      socket.on("close", () => resolve());
    });
  for (let round = 0; round < 8; round++) {
    await Promise.all(Array.from({ length: 100 }, () => send(request())));
  }

  expect(seen.length).toBeGreaterThan(40);
  for (const { headers, rawHeaders, url, trailers } of seen) {
    const names = rawHeaders.filter((_, at) => at % 2 === 0).map((name) => name.toLowerCase());
    expect(names.filter((name) => /^cf.access.jwt/.test(name))).toEqual([
      "cf-access-jwt-assertion",
    ]);
    expect(headers["cf-access-jwt-assertion"]).toBe(token);
    expect(String(headers.cookie).match(/CF_Authorization=[^;]*/gi)).toEqual([cookie]);
    expect(url).not.toContain("smuggled");
    expect(JSON.stringify(trailers)).not.toContain("forged");
  }
});
