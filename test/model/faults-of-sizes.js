// Faults that show only where a limit is zero, is longer than another or than a constant, or where a time or an
// age is of a rare kind.

const REFRESH = "refresh-policy.ts";
const LOOKUP = "lookup-policy.ts";
const HELD = "held-set.ts";

/** [file, the text as it is, the text with the fault]. The text occurs once in the file. */
export const OF_SIZES = [
  // A limit of zero is a limit.
  [
    REFRESH,
    "if (now < freshUntil + bounds.staleWhileRevalidate)",
    "if (now < freshUntil + (bounds.staleWhileRevalidate || 1000))",
  ],
  [
    REFRESH,
    "if (now < freshUntil + bounds.staleWhileRevalidate)",
    "if (now < freshUntil + (bounds.staleWhileRevalidate || bounds.staleIfError))",
  ],
  [
    REFRESH,
    "isDuring(state.askedAt, bounds.staleWhileRevalidate, now)",
    "isDuring(state.askedAt, bounds.staleWhileRevalidate || 60_000, now)",
  ],
  [
    REFRESH,
    "isDuring(state.askedAt, bounds.staleWhileRevalidate, now)",
    "isDuring(state.askedAt, bounds.staleWhileRevalidate || bounds.staleIfError, now)",
  ],
  [
    REFRESH,
    "!(now < freshUntil + bounds.staleIfError)",
    "!(now < freshUntil + (bounds.staleIfError || bounds.staleWhileRevalidate))",
  ],
  [
    LOOKUP,
    "isDuring(state.unknownKidAt, bounds.cooldown, now)\n    ? state.unknownKidAt + bounds.cooldown",
    "isDuring(state.unknownKidAt, bounds.cooldown || 1, now)\n    ? state.unknownKidAt + (bounds.cooldown || 1)",
  ],
  // A long limit is as long as it says.
  [
    REFRESH,
    "isDuring(inFlightSince, bounds.timeout + GRACE, now)",
    "isDuring(inFlightSince, Math.min(bounds.timeout, 10_000) + GRACE, now)",
  ],
  [
    REFRESH,
    "isDuring(inFlightSince, bounds.timeout + GRACE, now)",
    "isDuring(inFlightSince, Math.min(bounds.timeout, MAX_BACKOFF) + GRACE, now)",
  ],
  [
    REFRESH,
    "isDuring(inFlightSince, bounds.timeout + GRACE, now)",
    "isDuring(inFlightSince, Math.min(bounds.timeout, bounds.cooldown) + GRACE, now)",
  ],
  [
    REFRESH,
    "!(now < freshUntil + bounds.staleIfError)",
    "!(now < freshUntil + Math.min(bounds.staleIfError, 86_400_000))",
  ],
  [
    REFRESH,
    "if (now < freshUntil + bounds.staleWhileRevalidate)",
    "if (now < freshUntil + Math.min(bounds.staleWhileRevalidate, 600_000))",
  ],
  [
    LOOKUP,
    "? state.unknownKidAt + bounds.cooldown",
    "? state.unknownKidAt + Math.min(bounds.cooldown, 10_000)",
  ],
  [
    LOOKUP,
    "? state.unknownKidAt + bounds.cooldown",
    "? state.unknownKidAt + Math.min(bounds.cooldown, 60_000)",
  ],
  [
    LOOKUP,
    "const lastStart = arrivedAt + bounds.cooldown;",
    "const lastStart = arrivedAt + Math.min(bounds.cooldown, 10_000);",
  ],
  [
    LOOKUP,
    "const deadline = arrivedAt + bounds.cooldown + bounds.timeout;",
    "const deadline = arrivedAt + Math.min(bounds.cooldown + bounds.timeout, 60_000);",
  ],
  [
    LOOKUP,
    "return Math.max(cooldown, timeout + GRACE + FIRST_RETRY) + timeout + GRACE;",
    "return Math.min(60_000, Math.max(cooldown, timeout + GRACE + FIRST_RETRY) + timeout + GRACE);",
  ],
  [
    LOOKUP,
    "state.failures > 0 ? bounds.timeout + GRACE :",
    "state.failures > 0 ? Math.min(bounds.timeout, 10_000) + GRACE :",
  ],
  [LOOKUP, "const room = bounds.maxParked +", "const room = Math.min(bounds.maxParked, 2) +"],
  // One limit is not another, whichever is longer.
  [
    LOOKUP,
    "const lastStart = arrivedAt + bounds.cooldown;",
    "const lastStart = arrivedAt + Math.max(bounds.cooldown, bounds.timeout);",
  ],
  [
    LOOKUP,
    "const deadline = arrivedAt + bounds.cooldown + bounds.timeout;",
    "const deadline = arrivedAt + Math.max(bounds.cooldown + bounds.timeout, 2 * bounds.timeout);",
  ],
  [
    LOOKUP,
    "isDuring(state.unknownKidAt, bounds.cooldown, now)\n    ? state.unknownKidAt + bounds.cooldown",
    "isDuring(state.unknownKidAt, Math.max(bounds.cooldown, bounds.timeout), now)\n    ? state.unknownKidAt + Math.max(bounds.cooldown, bounds.timeout)",
  ],
  [
    LOOKUP,
    "Math.max(cooldown, timeout + GRACE + FIRST_RETRY)",
    "(cooldown > 0 ? cooldown : timeout + GRACE + FIRST_RETRY)",
  ],
  // Times, ages and dates of rare kinds.
  [LOOKUP, "if (issuedAt !== undefined && issuedAt <", "if (issuedAt && issuedAt <"],
  [
    LOOKUP,
    "if (issuedAt !== undefined && issuedAt <",
    "if (issuedAt !== undefined && issuedAt >= 0 && issuedAt <",
  ],
  [REFRESH, "&& retryAfterSeconds > 0;", "&& retryAfterSeconds > 1;"],
  [
    REFRESH,
    "const before = isBackingOff(state, now) ? state.retryAt : now;",
    "const before = now;",
  ],
  [
    REFRESH,
    "const before = isBackingOff(state, now) ? state.retryAt : now;",
    "const before = isBackingOff(state, now) && !isAsked ? state.retryAt : now;",
  ],
  [REFRESH, "retryAt: Math.max(before, now + wait),", "retryAt: before + wait,"],
  [
    HELD,
    "if (!Number.isFinite(seconds)) return undefined;",
    "if (seconds === undefined) return undefined;",
  ],
  [
    HELD,
    "if (!Number.isFinite(seconds)) return undefined;",
    "if (!Number.isFinite(seconds) || seconds === 0) return undefined;",
  ],
  [
    HELD,
    "if (!Number.isFinite(seconds)) return undefined;",
    "if (!Number.isFinite(seconds) || (seconds as number) < 0) return undefined;",
  ],
  [
    HELD,
    "clampAge(fetched.maxAgeSeconds, maxAgeLimit) ?? maxAge",
    "clampAge(fetched.notModified === true ? undefined : fetched.maxAgeSeconds, maxAgeLimit) ?? maxAge",
  ],
  [
    HELD,
    "!Number.isFinite(fetchedAt) || fetchedAt > time || !isNews",
    "!Number.isFinite(fetchedAt) || fetchedAt > time + 1000 || !isNews",
  ],
  [
    HELD,
    "!Number.isFinite(fetchedAt) || fetchedAt > time || !isNews",
    "!Number.isFinite(fetchedAt) || fetchedAt > startedAt || !isNews",
  ],
  // What is over is over.
  [
    LOOKUP,
    "isDuring(state.unknownKidAt, bounds.cooldown, now)\n    ? state.unknownKidAt + bounds.cooldown",
    "isDuring(state.unknownKidAt, 2 * bounds.cooldown, now)\n    ? state.unknownKidAt + 2 * bounds.cooldown",
  ],
  [
    REFRESH,
    "isDuring(state.signatureAt, SIGNATURE_INTERVAL, now)",
    "isDuring(state.signatureAt, 2 * SIGNATURE_INTERVAL, now)",
  ],
  // Two refreshes at once, and a store.
  [
    REFRESH,
    "if (isOvertaken(state, success)) return next;",
    "if (isOvertaken(state, success)) return isStored ? next : { ...next, storeAsked: state.storeAsked };",
  ],
  [
    REFRESH,
    "(isStored && fetchedAt <= (state.fetchedAt ?? 0))",
    "(isStored && fetchedAt <= state.freshUntil)",
  ],
  [
    REFRESH,
    "return refresh < state.lastSuccess || (isStored",
    "return (!isStored && refresh < state.lastSuccess) || (isStored",
  ],
  [
    REFRESH,
    "storeAsked: false,\n    failures,",
    "storeAsked: state.storeAsked && failures > 1,\n    failures,",
  ],
  [
    REFRESH,
    "storeAsked: false,\n    failures,",
    "storeAsked: state.storeAsked && failures === 1,\n    failures,",
  ],
  [
    REFRESH,
    "isDuring(state.askedAt, bounds.staleWhileRevalidate, now)",
    "isDuring(Math.max(state.askedAt, state.unknownKidAt), bounds.staleWhileRevalidate, now)",
  ],
  [
    REFRESH,
    "storeAsked: false,\n    failures,",
    "storeAsked: isAsked && state.storeAsked,\n    failures,",
  ],
  [LOOKUP, "(state.fetchedAt ?? 0) >= arrivedAt", "state.freshUntil >= arrivedAt"],
  // Which refresh was answered, and which failed.
  [
    REFRESH,
    "asked || isBackingOff(state, now) ?",
    "asked || state.lastSuccess === 0 || isBackingOff(state, now) ?",
  ],
  [
    REFRESH,
    "asked || isBackingOff(state, now) ?",
    "asked || (state.lastFailure > state.lastSuccess && state.failures > 3) || isBackingOff(state, now) ?",
  ],
  [
    REFRESH,
    "isStored && fetchedAt <= (state.fetchedAt ?? 0)",
    "isStored && state.lastSuccess > 0 && fetchedAt <= (state.fetchedAt ?? 0)",
  ],
  // A lookup that waits while others come and go.
  [
    LOOKUP,
    "if (now >= lastStart) return refuse(",
    "if (now >= lastStart && !isInFlight(state, bounds, now)) return refuse(",
  ],
  [LOOKUP, "&& state.failures > 1) return refuse", "&& state.failures > 2) return refuse"],
  [
    LOOKUP,
    "state.failures > 1) return refuse(state.retryAt)",
    "state.failures > 1) return refuse(now)",
  ],
  [
    LOOKUP,
    "if (state.lastFailure > arrivedAfter && state.failures > 1)",
    "if (state.lastFailure > arrivedAfter && state.lastFailure === state.newest && state.failures > 1)",
  ],
  [
    LOOKUP,
    "Math.max(cooldown, timeout + GRACE + FIRST_RETRY)",
    "(cooldown > timeout ? cooldown : timeout + GRACE + FIRST_RETRY)",
  ],
  [
    LOOKUP,
    "Math.max(cooldown, timeout + GRACE + FIRST_RETRY)",
    "(cooldown >= timeout + GRACE ? cooldown : timeout + GRACE + FIRST_RETRY)",
  ],
  // A store's set, of any age, after any failures.
  [
    REFRESH,
    "isStored && fetchedAt <= (state.fetchedAt ?? 0)",
    "isStored && (state.failures > 1 || fetchedAt <= (state.fetchedAt ?? 0))",
  ],
  [
    HELD,
    "clampAge(fetched.maxAgeSeconds, maxAgeLimit) ?? maxAge",
    "clampAge(isOld ? undefined : fetched.maxAgeSeconds, maxAgeLimit) ?? maxAge",
  ],
];
