import type { Check } from "../explain/checks.ts";
import { columns, type Paint } from "./paint.ts";

const MARKS = { ok: "✓", wrong: "✗", unknown: "·" } as const;

/** One line for each check. A failed one has a second line with a hint. */
export function showChecks(checks: readonly Check[], { good, bad, dim, plain }: Paint): string {
  const column = columns(checks.map(({ name }) => name));
  const brushes = { ok: good, wrong: bad, unknown: dim } as const;
  const margin = " ".repeat(column("").length + 6);
  return checks
    .map(({ name, state, says, fix }) => {
      const line = `  ${brushes[state](MARKS[state])} ${dim(column(name))}  ${plain(says)}\n`;
      return state === "wrong" && fix !== undefined ? `${line}${margin}${plain(fix)}\n` : line;
    })
    .join("");
}
