import type { Answer, Page } from "./types.ts";

/** Finds out from two answers what stays the same. */
export function pageOf(answer: Answer, again: Answer): Page {
  const { body } = answer;
  const most = Math.min(body.length, again.body.length);
  let head = 0;
  while (head < most && body[head] === again.body[head]) head++;
  let tail = 0;
  while (tail < most - head && body.at(-1 - tail) === again.body.at(-1 - tail)) tail++;
  if (head === body.length) return { answer, head, tail };
  // Two nonces or paths can begin and end alike by chance: go back to the start of the word.
  while (head > 0 && PART_OF_A_WORD.test(body[head - 1] as string)) head--;
  while (tail > 0 && PART_OF_A_WORD.test(body.at(-tail) as string)) tail--;
  return { answer, head, tail };
}

const PART_OF_A_WORD = /[\w/%.:+=-]/;

/** Whether an answer is this page. Of a page that changes, most must stay the same. */
export function isPage(reply: Answer, { answer, head, tail }: Page): boolean {
  const { status, location, body } = answer;
  if (reply.status !== status || reply.location !== location) return false;
  if (bare(reply.body) === bare(body)) return true;
  if (head + tail >= body.length || (head + tail) * 2 < body.length) return false;
  const isLong = reply.body.length >= head + tail;
  const end = body.slice(body.length - tail);
  return isLong && reply.body.startsWith(body.slice(0, head)) && reply.body.endsWith(end);
}

/** Without its numbers: times and counts change from one answer to the next. */
function bare(body: string): string {
  return body.replace(/\d+/g, "0");
}
