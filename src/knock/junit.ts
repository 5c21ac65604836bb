import { ADVICE } from "./advice.ts";
import type { KnockReport, KnockResult } from "./types.ts";

/** The report in JUnit format: one test for each knock. It fails when the knock is open or unclear. */
export function junit({ url, verdict, knocks }: KnockReport): string {
  const tests = knocks.filter(({ outcome }) => outcome !== "control");
  const failures = tests.filter(({ outcome }) => outcome !== "shut");
  const counts = `tests="${tests.length}" failures="${failures.length}" errors="0" skipped="0"`;
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites name="postern knock" ${counts}>`,
    `  <testsuite name="${xml(`${url}: ${verdict}`)}" ${counts}>`,
    ...tests.map(testCase),
    "  </testsuite>",
    "</testsuites>",
    "",
  ].join("\n");
}

function testCase({ name, path, why, status, outcome, note, family }: KnockResult): string {
  const head = `    <testcase classname="${xml(family)}" name="${xml(`${name} ${path}`)}"`;
  if (outcome === "shut") return `${head}/>`;
  const message = `${outcome}: got ${status ?? "no answer"}${note === undefined ? "" : `, ${note}`}`;
  const text = outcome === "open" ? `${why} To do: ${ADVICE[family]}` : why;
  return `${head}><failure message="${xml(message)}">${xml(text)}</failure></testcase>`;
}

/** Escapes text for XML 1.0, which cannot contain most control characters, not even escaped (section 2.2). */
function xml(text: string): string {
  const marks: { [mark: string]: string } = {
    "&": "&amp;",
    "<": "&lt;",
    ">": "&gt;",
    '"': "&quot;",
  };
  return text.replace(/[^\x20-\x7e]/g, "?").replace(/[&<>"]/g, (mark) => marks[mark] as string);
}
