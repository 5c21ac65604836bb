import { mistake } from "../caller-mistakes.ts";
import { parseJsonObject } from "../encoding/json.ts";
import { own } from "../own.ts";
import type { KeySetStore } from "./store.ts";

/** The part of `node:fs/promises` that is used. */
interface Files {
  open(path: string, flags: string, mode?: number): Promise<Handle>;
  rename(from: string, to: string): Promise<void>;
  unlink(path: string): Promise<void>;
}
interface Handle {
  stat(): Promise<{ size: number }>;
  readFile(encoding: "utf8"): Promise<string>;
  writeFile(text: string): Promise<void>;
  sync(): Promise<void>;
  close(): Promise<void>;
}

const MAX_BYTES = 1_048_576;

/**
 * A file on this machine, so that a program which restarts during an outage of its issuer has keys. Only
 * for Node, Deno and Bun. It is written aside and then moved into place, readable by its owner alone.
 * Several processes may share it. Anyone who can write it can issue tokens: give `withStore` a
 * `secret` where others can.
 *
 * @param path of the file; its folder must exist
 * @throws {TypeError} for what is no path, or on a runtime without files
 *
 * @example
 * ```ts
 * import { createVerifier } from "postern";
 * import { fileStore, withStore } from "postern/stores";
 *
 * const fetcher = withStore(fileStore("/var/lib/my-app/keys.json"));
 * const verifier = createVerifier({ team: "acme", audience: "my-aud", remote: { fetcher } });
 * ```
 */
export function fileStore(path: string): KeySetStore {
  if (typeof path !== "string" || path === "" || path.includes("\0")) {
    throw mistake("path", "the path of a file", path);
  }
  const files = filesOfRuntime();

  /** Every text in the file; none where there is no file, or nonsense in it. */
  async function read(): Promise<{ [key: string]: unknown }> {
    let file: Handle;
    try {
      file = await files.open(path, "r");
    } catch (error) {
      if ((error as { code?: string }).code === "ENOENT") return {};
      throw error;
    }
    try {
      const isSmall = (await file.stat()).size <= MAX_BYTES;
      return { ...(isSmall ? parseJsonObject(await file.readFile("utf8")) : undefined) };
    } finally {
      await file.close();
    }
  }

  async function write(text: string): Promise<void> {
    const aside = `${path}.${crypto.randomUUID()}.tmp`;
    const file = await files.open(aside, "wx", 0o600);
    try {
      try {
        await file.writeFile(text);
        await file.sync();
      } finally {
        await file.close();
      }
      await files.rename(aside, path);
    } catch (error) {
      await files.unlink(aside).catch(() => {});
      throw error;
    }
  }

  return {
    get: async (key) => own(await read(), key),
    async set(key, text, { previous }) {
      const texts = await read();
      if (own(texts, key) !== previous) return false;
      await write(`${JSON.stringify({ ...texts, [key]: text })}\n`);
      return true;
    },
  };
}

/** Not by an import, which would keep this entry from runtimes that have no files. */
function filesOfRuntime(): Files {
  const { process } = globalThis as {
    process?: { getBuiltinModule?: (name: string) => unknown };
  };
  const files = process?.getBuiltinModule?.("node:fs/promises") as Files | undefined;
  if (files === undefined)
    throw new TypeError("fileStore needs files: Node 20.16 or newer, Deno or Bun");
  return files;
}
