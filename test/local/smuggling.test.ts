import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { build } from "esbuild";
import { beforeAll, beforeEach, describe, expect, it } from "vitest";
import { type Application, exchange, head, portOf, startAll, statusOf } from "./support.ts";

const HIDDEN = "GET /hidden HTTP/1.1\r\nHost: x\r\n\r\n";

let app: Application;
let port: number;
let cookie: string;
beforeAll(async () => {
  ({ app, port, cookie } = await startAll());
});
beforeEach(() => {
  app.seen.length = 0;
});

describe("a message that two readers could cut at different places", () => {
  const attacks: [title: string, fields: string[], body: string][] = [
    ["both lengths", ["Content-Length: 4", "Transfer-Encoding: chunked"], `0\r\n\r\n${HIDDEN}`],
    [
      "both lengths, the other way",
      ["Transfer-Encoding: chunked", "Content-Length: 6"],
      `0\r\n\r\n${HIDDEN}`,
    ],
    ["two Content-Length fields", ["Content-Length: 0", "Content-Length: 37"], HIDDEN],
    ["two that are the same", ["Content-Length: 3", "Content-Length: 3"], "abc"],
    ["a list of lengths", ["Content-Length: 3, 3"], "abc"],
    ["a signed length", ["Content-Length: +3"], "abc"],
    ["a hexadecimal length", ["Content-Length: 0x3"], "abc"],
    ["a length with a space before the colon", ["Content-Length : 3"], "abc"],
    [
      "chunked that is not the last coding",
      ["Transfer-Encoding: chunked, identity"],
      `0\r\n\r\n${HIDDEN}`,
    ],
    ["a folded Transfer-Encoding", ["Transfer-Encoding:", " chunked"], `0\r\n\r\n${HIDDEN}`],
    [
      "two Transfer-Encoding fields",
      ["Transfer-Encoding: chunked", "Transfer-Encoding: identity"],
      HIDDEN,
    ],
    ["a bare line feed after a field", ["X: a\nContent-Length: 3"], "abc"],
    ["a bare carriage return in a field", ["X: a\rContent-Length: 3"], "abc"],
    ["a NUL in a field", ["X: a\0b"], ""],
    ["a bare line feed after a chunk size", ["Transfer-Encoding: chunked"], `3\nabc\r\n0\r\n\r\n`],
    [
      "a line feed within a chunk extension",
      ["Transfer-Encoding: chunked"],
      `3;a=\n1\r\nabc\r\n0\r\n\r\n`,
    ],
    [
      "a chunk that is longer than it says",
      ["Transfer-Encoding: chunked"],
      `3\r\nabcdef\r\n0\r\n\r\n`,
    ],
  ];
  it.each(attacks)("is refused: %s", async (_title, fields, body) => {
    const answer = await exchange(
      port,
      head(port, "POST /", `Cookie: ${cookie}`, ...fields) + body,
    );
    expect(statusOf(answer)).toBe(400);
    expect(answer.match(/HTTP\/1\.1/g)).toHaveLength(1);
    expect(app.seen.map(({ url }) => url)).toEqual([]);
  });

  it("is refused when HTTP/1.0 comes in chunks", async () => {
    const request = `POST / HTTP/1.0\r\nHost: 127.0.0.1:${port}\r\nCookie: ${cookie}\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`;
    expect(statusOf(await exchange(port, request))).toBe(400);
    expect(app.seen).toEqual([]);
  });

  it.each(["gzip, chunked", "xchunked", "identity", "chunked;q=1"])(
    "is refused in a transfer coding of %s",
    async (coding) => {
      const fields = [`Cookie: ${cookie}`, `Transfer-Encoding: ${coding}`];
      const answer = await exchange(port, `${head(port, "POST /", ...fields)}0\r\n\r\n${HIDDEN}`);
      expect([400, 501]).toContain(statusOf(answer));
      expect(answer.match(/HTTP\/1\.1/g)).toHaveLength(1);
      expect(app.seen).toEqual([]);
    },
  );

  it("is cut once: bytes after a body are a separate request, which needs its own session", async () => {
    const first = `POST /first HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nCookie: ${cookie}\r\nContent-Length: 3\r\n\r\nabc`;
    const second = head(port, "GET /second");
    const answer = await exchange(port, first + second);
    expect(answer.match(/HTTP\/1\.1 \d{3}/g)).toEqual(["HTTP/1.1 200", "HTTP/1.1 302"]);
    expect(app.seen.map(({ url, body }) => [url, body])).toEqual([["/first", "abc"]]);
  });

  it("reaches the application in new framing, without its chunk extensions", async () => {
    const fields = [`Cookie: ${cookie}`, "Transfer-Encoding: chunked"];
    const body = "2;name=value\r\nab\r\n1\r\nc\r\n0\r\n\r\n";
    expect(statusOf(await exchange(port, head(port, "POST /", ...fields) + body))).toBe(200);
    expect(app.seen[0]).toMatchObject({ body: "abc", headers: { "transfer-encoding": "chunked" } });
    expect(app.seen[0]?.headers["content-length"]).toBeUndefined();
  });
});

it("is refused even when the command line makes Node's parser lenient", async () => {
  const folder = await mkdtemp(join(tmpdir(), "postern-local-"));
  const file = join(folder, "local.mjs");
  await build({
    entryPoints: [fileURLToPath(new URL("../../src/local/index.ts", import.meta.url))],
    outfile: file,
    bundle: true,
    format: "esm",
    platform: "node",
    logLevel: "error",
  });
  const program = `
    const { startLocalAccess } = await import(${JSON.stringify(pathToFileURL(file).href)});
    console.log((await startLocalAccess({ target: "${app.url}", port: 0 })).url);
  `;
  const child = spawn(process.execPath, [
    "--insecure-http-parser",
    "--input-type=module",
    "-e",
    program,
  ]);
  try {
    const [url] = await once(child.stdout.setEncoding("utf8"), "data");
    const lenient = portOf({ url: String(url).trim() });
    const both = ["Content-Length: 4", "Transfer-Encoding: chunked"];
    const answer = await exchange(lenient, `${head(lenient, "POST /", ...both)}0\r\n\r\n${HIDDEN}`);
    expect(statusOf(answer)).toBe(400);
  } finally {
    child.kill();
    await rm(folder, { recursive: true });
  }
});
