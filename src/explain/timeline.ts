import type { JsonObject } from "../encoding/json.ts";
import { own } from "../own.ts";
import { calendar, distance, duration } from "./human-time.ts";

/** A point on the line. */
export interface Moment {
  /** From 0 at the left end to 1 at the right end. */
  readonly at: number;
  readonly name: string;
  /** The time as a readable date. */
  readonly time: string;
}

/** The lifetime of a token as a line to draw. */
export interface Timeline {
  readonly moments: readonly Moment[];
  readonly now: Moment;
  /** The part where the token is valid. */
  readonly valid: readonly [from: number, to: number];
  /** The outer limits of the tolerance, before the start and after the end. */
  readonly grace: readonly [early: number, late: number];
  /** Whether now is so far away that the line to it is not drawn to scale. */
  readonly broken: boolean;
  readonly phase: "early" | "valid" | "grace" | "over";
  /** Describes the drawing in one sentence. */
  readonly says: string;
}

/** The space on each side, in lifetimes of the token. */
const MARGIN = 0.12;
/** The largest drawn distance of now from the token, in lifetimes. */
const FARTHEST = 0.4;
/** Two points nearer than this share one mark. */
const TOGETHER = 0.08;

/** Places the times of a token on a line; `undefined` when it has no expiry. */
export function timeline(
  payload: JsonObject,
  { now: nowMs, toleranceSeconds }: { readonly now: number; readonly toleranceSeconds: number },
): Timeline | undefined {
  const [exp, iat, nbf] = ["exp", "iat", "nbf"].map((claim) => moment(own(payload, claim)));
  if (exp === undefined) return undefined;
  const now = nowMs / 1000;
  const begun = [iat, nbf].filter((time) => time !== undefined && time < exp) as number[];
  const first = begun.length > 0 ? Math.min(...begun) : Math.min(now, exp - 3600);
  // The later of the two, because `iat` must not be in the future either.
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
  const whole = start === undefined ? "" : ` Its lifetime is ${duration(exp - start)}.`;
  if (phase === "early") return `It begins ${distance(start ?? exp, nowMs)}.${whole}`;
  if (phase === "over") return `It expired ${distance(exp, nowMs)}.${whole}`;
  if (phase === "valid") return `It expires ${distance(exp, nowMs)}.${whole}`;
  const isPast = nowMs / 1000 >= exp;
  return isPast
    ? `It expired ${distance(exp, nowMs)}, and is accepted only because of the tolerance.${whole}`
    : `It begins ${distance(start ?? exp, nowMs)}, and is accepted only because of the tolerance.${whole}`;
}
