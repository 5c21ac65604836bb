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
 * A store in a file, so that a program has keys if it restarts during an outage of the issuer. Only for
 * Node, Deno and Bun. The file is replaced in one step, and only its owner can read it. Several processes
 * can share it. Anyone who can write the file can issue tokens: if others can, give `withStore` a `secret`.
 *
 * @param path the path of the file; its folder must exist
 * @throws {TypeError} when it is not a path, or the runtime has no files
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

  /** Reads all texts in the file. A missing or invalid file counts as empty. */
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

/** Not with an import, because this module must also load on runtimes without files. */
function filesOfRuntime(): Files {
  const { process } = globalThis as {
    process?: { getBuiltinModule?: (name: string) => unknown };
  };
  const files = process?.getBuiltinModule?.("node:fs/promises") as Files | undefined;
  if (files === undefined)
    throw new TypeError("fileStore needs files: Node 20.16 or newer, Deno or Bun");
  return files;
}
