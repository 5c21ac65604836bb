import { readFile } from "node:fs/promises";
import type { ServerResponse } from "node:http";
import { join } from "node:path";
import { sendText, sendWholePage } from "./page.ts";

/** The token inspector, which the package has beside this file once it is built. */
export async function answerInspector(response: ServerResponse): Promise<void> {
  let page: string;
  try {
    page = await readFile(join(import.meta.dirname, "inspector.html"), "utf8");
  } catch {
    return sendText(response, 404, "This copy of Local Access came without the inspector.");
  }
  sendWholePage(response, page);
}
