import { readFileSync } from "node:fs";
import { join } from "node:path";

/**
 * Changes that no test notices and why none could, or need not: each in the line where it is made.
 *   { file, line, changes: [[code, becomes], …], why }
 */
const REASONS = JSON.parse(readFileSync(join(import.meta.dirname, "survivors.json"), "utf8"));

/**
 * Sorts changes into those that a test noticed, those that are explained, and the others. The score counts
 * what only a time limit noticed as not noticed: the machine may only have been slow.
 */
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
  const late = noticed.filter(({ result }) => result === "late");
  const score = (noticed.length - late.length) / changes.length;
  return { changes, noticed, late, explained, unexplained, score };
}

/** Reasons for changes in a room that are made no more, or are noticed now. */
export function idleReasons(room, explained) {
  return REASONS.filter(
    (reason) =>
      reason.file.startsWith(`src/${room}/`) &&
      !reason.changes.every((pair) => explained.some((change) => isThis(reason, pair, change))),
  );
}

function isAbout(reason, change) {
  return reason.changes.some((pair) => isThis(reason, pair, change));
}

function isThis({ file, line }, [code, becomes], change) {
  return (
    change.file === file &&
    change.line === line &&
    change.code === code &&
    change.becomes === becomes
  );
}
