import { readFileSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";

const FILE = join(import.meta.dirname, "results.json");

/** What was found the last time that each room was measured. */
export function readResults() {
  return JSON.parse(readFileSync(FILE, "utf8"));
}

/** Keeps what was found in a room, so that the page can be written when only one was measured anew. */
export async function keepResult(room, { changes, noticed, late, explained }) {
  const found = {
    measured: new Date().toISOString().slice(0, 10),
    changes: changes.length,
    noticed: noticed.length,
    late: late.length,
    explained: explained.map(({ file, line, code, becomes, why }) => ({
      file,
      line,
      code,
      becomes,
      why,
    })),
  };
  await writeFile(FILE, `${JSON.stringify({ ...readResults(), [room]: found }, undefined, 2)}\n`);
}
