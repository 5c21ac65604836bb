// Faults of one line, seeded in the policy and in what it is part of. Each must be found by the short run.
import { OF_LOOKUPS } from "./faults-of-lookups.js";
import { OF_REFRESHES } from "./faults-of-refreshes.js";
import { OF_SIZES } from "./faults-of-sizes.js";
import { OF_THE_SET } from "./faults-of-the-set.js";

const REFRESH = "refresh-policy.ts";
const LOOKUP = "lookup-policy.ts";

/** [file, the text as it is, the text with the fault]. The text occurs once in the file. */
export const FAULTS = [
  // What the set held is good for.
  [REFRESH, "!(fetchedAt <= now)) return", "false) return"],
  [REFRESH, "!(fetchedAt <= now)) return", "!(fetchedAt < now)) return"],
  [REFRESH, "if (now < freshUntil) return", "if (now <= freshUntil) return"],
  [
    REFRESH,
    "!(now < freshUntil + bounds.staleIfError)",
    "!(now <= freshUntil + bounds.staleIfError)",
  ],
  [
    REFRESH,
    "!(now < freshUntil + bounds.staleIfError)",
    "!(now < fetchedAt + bounds.staleIfError)",
  ],
  [REFRESH, 'if (!(now < freshUntil + bounds.staleIfError)) return "none";', ""],
  [
    REFRESH,
    "if (now < freshUntil + bounds.staleWhileRevalidate) return",
    "if (now <= freshUntil + bounds.staleWhileRevalidate) return",
  ],
  [REFRESH, "asked || isBackingOff(state, now) ?", "asked ?"],
  [REFRESH, "asked || isBackingOff(state, now) ?", "isBackingOff(state, now) ?"],
  [REFRESH, "asked || isBackingOff(state, now) ?", "true ?"],
  [REFRESH, 'return current === "fresh" || current === "stale";', 'return current !== "none";'],
  [REFRESH, 'return current === "fresh" || current === "stale";', 'return current === "fresh";'],
  [REFRESH, '=== "none" && !state.storeAsked', '=== "none"'],
  // How refreshes begin and end.
  [REFRESH, "inFlightSince: now,", "inFlightSince: state.inFlightSince ?? now,"],
  [REFRESH, 'cause === "unknown_kid" ? now', 'cause !== "signature" ? now'],
  [REFRESH, 'cause === "signature" ? now : state.signatureAt', "state.signatureAt"],
  [REFRESH, "!isLately && !isInFlight(state, bounds, now) && ", "!isLately && "],
  [
    REFRESH,
    " && !isBackingOff(state, now);\n}\n\n/** A refresh brought",
    ";\n}\n\n/** A refresh brought",
  ],
  [REFRESH, "if (isOvertaken(state, success)) return next;", ""],
  [REFRESH, "refresh < state.lastSuccess || (isStored", "refresh < state.newest || (isStored"],
  [REFRESH, "refresh < state.lastSuccess || (isStored", "(isStored"],
  [REFRESH, "fetchedAt <= (state.fetchedAt ?? 0)", "fetchedAt > (state.fetchedAt ?? 0)"],
  [REFRESH, "freshUntil: Math.min(freshUntil, now)", "freshUntil"],
  [REFRESH, "lastSuccess: refresh, askedAt", "lastSuccess: state.newest, askedAt"],
  [REFRESH, "askedAt: now, failures: 0, retryAt: 0 }", "askedAt: now, failures: 0 }"],
  [REFRESH, "askedAt: now, failures: 0, retryAt: 0 }", "askedAt: now, retryAt: 0 }"],
  [REFRESH, "fetchedAt + maxAge * (1 - 0.1 * random)", "now + maxAge * (1 - 0.1 * random)"],
  [REFRESH, "fetchedAt + maxAge * (1 - 0.1 * random)", "fetchedAt + maxAge * (1 + 0.1 * random)"],
  [REFRESH, "if (refresh < state.lastSuccess) return state;", ""],
  [REFRESH, "1000 * 2 ** (failures - 1)", "1000 * 2 ** failures"],
  [REFRESH, "(1 - random / 2)", "(1 - random)"],
  [
    REFRESH,
    "Math.max(backoff, Math.min(asked, MAX_RETRY_AFTER))",
    "Math.min(backoff, Math.min(asked, MAX_RETRY_AFTER))",
  ],
  [REFRESH, "Math.max(backoff, Math.min(asked, MAX_RETRY_AFTER))", "Math.max(backoff, asked)"],
  [REFRESH, "lastFailure: Math.max(state.lastFailure, refresh)", "lastFailure: state.newest"],
  [REFRESH, "lastFailure: Math.max(state.lastFailure, refresh)", "lastFailure: refresh"],
  [REFRESH, "MAX_BACKOFF = 60_000", "MAX_BACKOFF = 600_000"],
  [REFRESH, "MAX_RETRY_AFTER = 300_000", "MAX_RETRY_AFTER = 3_600_000"],
  [REFRESH, "SIGNATURE_INTERVAL = 60_000", "SIGNATURE_INTERVAL = 6_000"],
  [REFRESH, "GRACE = 100", "GRACE = 0"],
  [REFRESH, "isDuring(inFlightSince, bounds.timeout + GRACE, now)", "true"],
  [
    REFRESH,
    "return now < state.retryAt && state.retryAt <=",
    "return now <= state.retryAt && state.retryAt <=",
  ],
  [REFRESH, " && state.retryAt <= now + MAX_RETRY_AFTER", ""],
  [REFRESH, "start <= now && now < start + span", "now < start + span"],
  [REFRESH, "start <= now && now < start + span", "start <= now && now <= start + span"],
  [REFRESH, "refresh === state.newest ?", "refresh <= state.newest ?"],
  // What a lookup does.
  [
    LOOKUP,
    "!isTrusted(current) && state.lastSuccess > arrivedAfter",
    "state.lastSuccess > arrivedAfter",
  ],
  [LOOKUP, 'current === "unasked" || (state.fetchedAt ?? 0) >= arrivedAt', "true"],
  [
    LOOKUP,
    'current === "unasked" || (state.fetchedAt ?? 0) >= arrivedAt',
    "(state.fetchedAt ?? 0) >= arrivedAt",
  ],
  [
    LOOKUP,
    "waiting.found || state.lastSuccess > arrivedAfter",
    "waiting.found || state.lastSuccess >= arrivedAfter",
  ],
  [
    LOOKUP,
    "waiting.found || state.lastSuccess > arrivedAfter",
    "waiting.found || state.newest > arrivedAfter",
  ],
  [LOOKUP, "waiting.found || state.lastSuccess > arrivedAfter", "state.lastSuccess > arrivedAfter"],
  [
    LOOKUP,
    "issuedAt < (state.fetchedAt ?? 0) - ISSUED_BEFORE",
    "issuedAt <= (state.fetchedAt ?? 0) - ISSUED_BEFORE",
  ],
  [
    LOOKUP,
    "issuedAt < (state.fetchedAt ?? 0) - ISSUED_BEFORE",
    "issuedAt < (state.fetchedAt ?? 0) + ISSUED_BEFORE",
  ],
  [LOOKUP, "waiting.others < room ||", "waiting.others <= room ||"],
  [LOOKUP, "waiting.others < room ||", "true ||"],
  [LOOKUP, "now)) ? 0 : 1);", "now)) ? 1 : 0);"],
  [LOOKUP, "refuse(now, decision.cause)", "refuse(now)"],
  [LOOKUP, 'decision.act === "wait" ? decision.until : now', "now"],
  [LOOKUP, "if (now >= lastStart) return refuse(Math.max(now, state.retryAt));", ""],
  [LOOKUP, "state.failures > 0 ?", "state.failures > 1 ?"],
  [LOOKUP, "Math.min(PATIENCE, bounds.timeout)", "PATIENCE"],
  [LOOKUP, "PATIENCE = 1_500", "PATIENCE = 150"],
  [LOOKUP, "if (now < doubtedAt) return", "if (now <= doubtedAt) return"],
  [LOOKUP, "isNear && state.failures === 1", "isNear && state.failures >= 1"],
  [LOOKUP, "state.retryAt - now <= FIRST_RETRY", "state.retryAt - now < FIRST_RETRY"],
  [LOOKUP, "state.retryAt - now <= FIRST_RETRY && ", ""],
  [
    LOOKUP,
    "if (state.lastFailure > arrivedAfter && state.failures > 1) return refuse(state.retryAt);",
    "",
  ],
  [LOOKUP, 'current === "unasked" ? "stale"', 'current === "none" ? "stale"'],
  [LOOKUP, "? state.unknownKidAt + bounds.cooldown", "? now"],
  [LOOKUP, "Math.max(cooledAt, state.retryAt)", "Math.min(cooledAt, state.retryAt)"],
  [LOOKUP, "if (state.lastFailure > arrivedAfter || ", "if ("],
  [LOOKUP, " || now >= deadline", ""],
  [LOOKUP, "startAt > lastStart ?", "startAt - now > bounds.cooldown ?"],
  [LOOKUP, "Math.min(now, lastStart)", "now"],
  [LOOKUP, "if (isInFlight(state, bounds, now)) return follow(state, bounds, deadline);", ""],
  [
    LOOKUP,
    "until: Math.min(deadline, (state.inFlightSince ?? 0) + bounds.timeout + GRACE)",
    "until: deadline",
  ],
  [
    LOOKUP,
    "Math.max(cooldown, timeout + GRACE + FIRST_RETRY) + timeout + GRACE",
    "timeout + GRACE",
  ],
  ...OF_REFRESHES,
  ...OF_LOOKUPS,
  ...OF_THE_SET,
  ...OF_SIZES,
];

/** A file with one fault. @throws where the text that it replaces does not occur once */
export function seed(text, [file, stands, becomes]) {
  if (text.split(stands).length !== 2) throw new Error(`${file}: not there once: ${stands}`);
  return text.replace(stands, () => becomes);
}
