import { open, readFile, writeFile } from "node:fs/promises";
import type { Terminal } from "./terminal.ts";

const MAX_BYTES = 4_194_304;

/** The terminal of a Node process. */
export function nodeTerminal({ stdin, stdout, stderr, env }: NodeJS.Process): Terminal {
  return {
    out: (text) => void stdout.write(text),
    err: (text) => void stderr.write(text),
    colour: stdout.isTTY === true && !env["NO_COLOR"] && env["TERM"] !== "dumb",
    readStdin: () => readAll(stdin),
    async readFile(path) {
      const file = await open(path);
      try {
        const text = await readAll(file.createReadStream({ autoClose: false }));
        // Some editors begin a file with a byte order mark (RFC 8259 section 8.1).
        return text.replace(/^\ufeff/, "");
      } finally {
        await file.close();
      }
    },
    writeFile: (path, text, kind) =>
      writeFile(path, text, kind === "secret" ? { mode: 0o600, flag: "wx" } : {}),
    now: Date.now,
    env,
    async version() {
      const { version } = JSON.parse(
        await readFile(new URL("../package.json", import.meta.url), "utf8"),
      );
      return version;
    },
    onHangUp: (listener) => void process.on("SIGHUP", listener),
    async interrupted() {
      await new Promise((resolve) => {
        process.once("SIGINT", resolve);
        process.once("SIGTERM", resolve);
      });
    },
  };
}

/** @throws {Error} (rejects) with code `EFBIG` when the input is larger than any token or JWK set */
async function readAll(stream: AsyncIterable<unknown>): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of stream) {
    const bytes = Buffer.from(chunk as Buffer);
    size += bytes.length;
    if (size > MAX_BYTES) throw Object.assign(new Error("too large"), { code: "EFBIG" });
    chunks.push(bytes);
  }
  return Buffer.concat(chunks).toString();
}
