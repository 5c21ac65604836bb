import { readFile } from "node:fs/promises";
import type { ServerResponse } from "node:http";
import { join } from "node:path";
import { sendText, sendWholePage } from "./page.ts";

/** The token inspector, which the package has beside this file once it is built. */
export async function answerInspector(response: ServerResponse): Promise<void> {
  const page = await readPage().catch(() => undefined);
  if (page !== undefined) return sendWholePage(response, page);
  sendText(response, 404, "This copy of Local Access came without the inspector.");
}

async function readPage(): Promise<string | undefined> {
  // There is no folder where this was not loaded from a disk, nor before Node 20.11.
  const folder: string | undefined = import.meta.dirname;
  return folder === undefined ? undefined : readFile(join(folder, "inspector.html"), "utf8");
}
