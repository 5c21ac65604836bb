/** Changes that make no difference, so that no run can find them, and why: { file, line?, stands, becomes, why }. */
export const NOT_FOUND = [
  {
    file: "refresh-policy.ts",
    line: 'if (fetchedAt === undefined || !(fetchedAt <= now)) return "none";',
    stands: "fetchedAt === undefined",
    becomes: "false",
    why: "`undefined <= now` is false, so the other half of the condition says the same.",
  },
  {
    file: "refresh-policy.ts",
    line: "return refresh < state.lastSuccess || (isStored && fetchedAt <= (state.fetchedAt ?? 0));",
    stands: "refresh < state.lastSuccess",
    becomes: "refresh <= state.lastSuccess",
    why: "a refresh ends once, so it cannot have been answered before with the same number.",
  },
  {
    file: "refresh-policy.ts",
    line: "if (refresh < state.lastSuccess) return state;",
    stands: "refresh < state.lastSuccess",
    becomes: "refresh <= state.lastSuccess",
    why: "a refresh ends once, so it cannot fail after it was answered.",
  },
  {
    file: "refresh-policy.ts",
    line: "const isAsked = Number.isFinite(retryAfterSeconds) && retryAfterSeconds > 0;",
    stands: "retryAfterSeconds > 0",
    becomes: "retryAfterSeconds >= 0",
    why: "zero seconds are shorter than any back-off, whether they are asked for or not.",
  },
  {
    file: "refresh-policy.ts",
    line: "const isAsked = Number.isFinite(retryAfterSeconds) && retryAfterSeconds > 0;",
    stands: "retryAfterSeconds > 0",
    becomes: "true",
    why: "zero or a negative number of seconds is shorter than any back-off.",
  },
  {
    file: "refresh-policy.ts",
    line: "return inFlightSince !== undefined && isDuring(inFlightSince, bounds.timeout + GRACE, now);",
    stands: "inFlightSince !== undefined",
    becomes: "true",
    why: "`isDuring` compares `undefined` with the time, which is false.",
  },
  {
    file: "lookup-policy.ts",
    line: "if (issuedAt !== undefined && issuedAt < (state.fetchedAt ?? 0) - ISSUED_BEFORE) {",
    stands: "issuedAt !== undefined",
    becomes: "true",
    why: "`undefined` is less than no number, so the other half of the condition says the same.",
  },
];
