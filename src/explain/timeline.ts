import type { JsonObject } from "../encoding/json.ts";
import { own } from "../own.ts";
import { calendar, distance, duration } from "./human-time.ts";

/** A moment on the line. */
export interface Moment {
  /** From 0 at the left end to 1 at the right end. */
  readonly at: number;
  readonly name: string;
  /** When it is, for a person. */
  readonly time: string;
}

/** A token's life as a line, to be drawn. */
export interface Timeline {
  readonly moments: readonly Moment[];
  readonly now: Moment;
  /** Where it is valid. */
  readonly valid: readonly [from: number, to: number];
  /** Where it passes only by the tolerance: before its start, and past its end. */
  readonly grace: readonly [early: number, late: number];
  /** Whether now is so far off that the line is not to scale between it and the token. */
  readonly broken: boolean;
  readonly phase: "early" | "valid" | "grace" | "over";
  /** The picture in a sentence. */
  readonly says: string;
}

/** Room on each side of the token's life, in lives. */
const MARGIN = 0.12;
/** How far off, in lives, now may be drawn. */
const FARTHEST = 0.4;
/** Two moments nearer than this, in lives, are one mark. */
const TOGETHER = 0.08;

/** Where the moments of a token's life are; `undefined` when it does not say when it ends. */
export function timeline(
  payload: JsonObject,
  { now: nowMs, toleranceSeconds }: { readonly now: number; readonly toleranceSeconds: number },
): Timeline | undefined {
  const [exp, iat, nbf] = ["exp", "iat", "nbf"].map((claim) => moment(own(payload, claim)));
  if (exp === undefined) return undefined;
  const now = nowMs / 1000;
  const begun = [iat, nbf].filter((time) => time !== undefined && time < exp) as number[];
  const first = begun.length > 0 ? Math.min(...begun) : Math.min(now, exp - 3600);
  // From when it counts: `iat` may not lie ahead either.
  const start = begun.length > 0 ? Math.max(...begun) : first;
  const life = exp - first;

  const far = now < first ? now - first : now > exp ? now - exp : 0;
  const broken = Math.abs(far) > FARTHEST * life;
  const shown = broken ? Math.sign(far) * FARTHEST * life : far;
  const drawnNow = far === 0 ? now : far < 0 ? first + shown : exp + shown;
  const left = Math.min(first, drawnNow) - MARGIN * life;
  const right = Math.max(exp, drawnNow) + MARGIN * life;
  const place = (time: number): number => (time - left) / (right - left);
  const bounded = (time: number): number => Math.min(1, Math.max(0, place(time)));

  const named = (
    [
      ["issued", iat],
      ["not before", nbf],
      ["expires", exp],
    ] as const
  ).flatMap(([name, time]) =>
    time === undefined || time > exp ? [] : [{ name, time, at: place(time) }],
  );
  const moments: Moment[] = [];
  for (const { name, time, at } of named) {
    const before = moments.at(-1);
    const isNear = before !== undefined && Math.abs(before.at - at) < TOGETHER;
    if (isNear && name !== "expires") {
      moments[moments.length - 1] = { ...before, name: `${before.name}, ${name}` };
    } else moments.push({ name, at, time: calendar(time) ?? "" });
  }
  const phase = phaseOf(now, start, exp, toleranceSeconds);
  return {
    moments,
    now: { name: "now", at: place(drawnNow), time: calendar(now) ?? "" },
    valid: [place(start), place(exp)],
    grace: [bounded(start - toleranceSeconds), bounded(exp + toleranceSeconds)],
    broken,
    phase,
    says: sentence(phase, begun.length > 0 ? start : undefined, exp, nowMs),
  };
}

function moment(value: unknown): number | undefined {
  return typeof value === "number" && calendar(value) !== undefined ? value : undefined;
}

function phaseOf(now: number, start: number, exp: number, grace: number): Timeline["phase"] {
  if (now >= exp + grace) return "over";
  if (now < start - grace) return "early";
  return now >= exp || now < start ? "grace" : "valid";
}

function sentence(
  phase: Timeline["phase"],
  start: number | undefined,
  exp: number,
  nowMs: number,
): string {
  const whole = start === undefined ? "" : ` It lives ${duration(exp - start)}.`;
  if (phase === "early") return `It begins ${distance(start ?? exp, nowMs)}.${whole}`;
  if (phase === "over") return `It expired ${distance(exp, nowMs)}.${whole}`;
  if (phase === "valid") return `It expires ${distance(exp, nowMs)}.${whole}`;
  const isPast = nowMs / 1000 >= exp;
  return isPast
    ? `It expired ${distance(exp, nowMs)}, and passes only by the tolerance.${whole}`
    : `It begins ${distance(start ?? exp, nowMs)}, and passes only by the tolerance.${whole}`;
}
