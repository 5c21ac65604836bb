import { readFileSync } from "node:fs";
import { join } from "node:path";

/**
 * Changes that no test notices and why none could, or need not: each in the line where it is made.
 *   { file, line, changes: [[code, becomes], …], why }
 */
const REASONS = JSON.parse(readFileSync(join(import.meta.dirname, "survivors.json"), "utf8"));

/** Sorts changes into those that a test noticed, those that are explained, and the others. */
export function judge(changes) {
  const noticed = [];
  const explained = [];
  const unexplained = [];
  for (const change of changes) {
    const reason = REASONS.find((reason) => isAbout(reason, change));
    if (change.result === "noticed") noticed.push(change);
    // On a busy machine what changes nothing can seem endless.
    else if (reason !== undefined) explained.push({ ...change, why: reason.why });
    else if (change.result === "late") noticed.push(change);
    else unexplained.push(change);
  }
  const score = noticed.length / changes.length;
  return { changes, noticed, explained, unexplained, score };
}

/** Reasons for changes of these files that are made no more, or are noticed now. */
export function idleReasons(files, explained) {
  return REASONS.filter(
    (reason) => files.has(reason.file) && !explained.some((change) => isAbout(reason, change)),
  );
}

function isAbout(reason, { file, line, code, becomes }) {
  return (
    reason.file === file &&
    reason.line === line &&
    reason.changes.some(([from, to]) => from === code && to === becomes)
  );
}
