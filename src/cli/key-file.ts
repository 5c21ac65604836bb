import { UsageError } from "../explain/usage-error.ts";
import { visibleJson } from "../explain/visible.ts";
import { createPrivateJwk, type PrivateJwk } from "../testing/index.ts";
import type { Terminal } from "./terminal.ts";

/**
 * Reads a private JWK from a file. If there is no file, makes a new key and writes it there.
 *
 * @throws {UsageError} (rejects) when the file is not JSON, or cannot be read or written
 */
export async function privateKeyIn(path: string, terminal: Terminal): Promise<PrivateJwk> {
  let text: string;
  try {
    text = await terminal.readFile(path);
  } catch (error) {
    if (codeOf(error) !== "ENOENT") {
      throw new UsageError(`The file of --key cannot be read (${codeOf(error)})`);
    }
    const made = await createPrivateJwk();
    await write("--key", terminal.writeFile(path, `${JSON.stringify(made)}\n`, "secret"));
    terminal.err("note: made a new private key; keep it secret\n");
    return made;
  }
  try {
    return JSON.parse(text);
  } catch {
    // The engine's own error quotes the text, which is secret here.
    throw new UsageError(NO_PRIVATE_KEY);
  }
}

export const NO_PRIVATE_KEY = "The file of --key contains no private RSA key as a JWK";

/** @throws {UsageError} (rejects) when the file cannot be written */
export async function writePublic(path: string, jwks: unknown, terminal: Terminal): Promise<void> {
  await write("--jwks", terminal.writeFile(path, `${visibleJson(jwks)}\n`, "public"));
}

async function write(option: string, writing: Promise<void>): Promise<void> {
  try {
    await writing;
  } catch (error) {
    throw new UsageError(`The file of ${option} cannot be written (${codeOf(error)})`);
  }
}

function codeOf(error: unknown): string {
  return (error as { code?: string }).code ?? "unknown";
}
