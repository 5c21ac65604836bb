// What the rules of the key set say, in terms of what happened: nothing here reads the policy's own state.

/** The constants of the rules, in ms: written again, so that a wrong one in the policy is noticed. */
export const RULES = {
  maxBackoff: 60_000,
  maxRetryAfter: 300_000,
  signatureInterval: 60_000,
  grace: 100,
  firstRetry: 1_000,
  patience: 1_500,
  issuedBefore: 120_000,
  leastAge: 60_000,
};

/** What happened to one instance so far, as far as the rules care. All times are the wall clock's. */
export function nothingHappened() {
  return {
    /** The set that must be held: when it left its origin, until when it is fresh, which it is, its validator. */
    fetchedAt: undefined,
    freshUntil: 0,
    set: -1,
    etag: undefined,
    /** The numbers of the newest refresh that the origin answered, and that failed. */
    answered: 0,
    failed: 0,
    /** When an origin last answered, and whether a store did since. */
    askedAt: Number.NEGATIVE_INFINITY,
    storeAsked: false,
    failures: 0,
    retryAt: 0,
    unknownKidAt: Number.NEGATIVE_INFINITY,
    signatureAt: Number.NEGATIVE_INFINITY,
    /** When the newest refresh began, while it has not ended. */
    startedAt: undefined,
    /** Why the last refresh failed that says something of the origin. */
    error: undefined,
  };
}

const isWithin = (start, span, now) => start <= now && now - start < span;

export function isBackingOff(past, now) {
  const left = past.retryAt - now;
  return left > 0 && left <= RULES.maxRetryAfter;
}

/** Whether the newest refresh still counts as under way. */
export function isUnderWay(past, bounds, now) {
  return (
    past.startedAt !== undefined && isWithin(past.startedAt, bounds.timeout + RULES.grace, now)
  );
}

/** Rules 2, 3 and 9. */
export function standingOf(past, bounds, now) {
  if (past.fetchedAt === undefined || past.fetchedAt > now) return "none";
  const age = now - past.freshUntil;
  if (age < 0) return "fresh";
  if (age >= bounds.staleIfError) return "none";
  if (age < bounds.staleWhileRevalidate) return "stale";
  const wasAsked = isWithin(past.askedAt, bounds.staleWhileRevalidate, now);
  return wasAsked || isBackingOff(past, now) ? "stale" : "unasked";
}

export const isTrusted = (standing) => standing === "fresh" || standing === "stale";

/** Rule 1, 4 and 5: whether a refresh may start now. Says what is wrong, or nothing. */
export function mayStart(past, bounds, { cause, cold, time, isBehind, live, isSteady }) {
  const standing = standingOf(past, bounds, time);
  if (isBackingOff(past, time)) return "a refresh starts while failures forbid it";
  if (isUnderWay(past, bounds, time)) {
    const patience =
      past.failures > 0 ? bounds.timeout + RULES.grace : Math.min(RULES.patience, bounds.timeout);
    const isDoubted = !isBehind && !isTrusted(standing) && time - past.startedAt >= patience;
    if (!isDoubted) return "two refreshes at once, and nobody had reason to doubt the first";
  }
  if (cause === "unknown_kid") {
    if (isWithin(past.unknownKidAt, bounds.cooldown, time)) {
      return "two refreshes for unknown kids within one cooldown";
    }
    if (!isTrusted(standing)) return "a refresh for an unknown kid, with no set to miss it in";
  }
  if (cause === "signature" && isWithin(past.signatureAt, RULES.signatureInterval, time)) {
    return "two refreshes for signatures within a minute";
  }
  const wanted = isBehind ? "stale" : "unasked";
  if (cause === "stale" && standing !== wanted) return `a refresh of a set that is ${standing}`;
  if (cause === "cold" && standing !== "none") return "a cold refresh over a set that is good";
  const isCold = cause !== "asked" && standing === "none" && !past.storeAsked;
  if (cold !== isCold) return cold ? "a store is asked that cannot help" : "a store is not asked";
  const most =
    1 + Math.ceil((bounds.timeout + RULES.grace) / Math.min(RULES.patience, bounds.timeout));
  if (isSteady && live > most) return `more than ${most} fetches under way`;
  return undefined;
}

export function started(past, { cause, time }) {
  past.startedAt = time;
  if (cause === "unknown_kid") past.unknownKidAt = time;
  if (cause === "signature") past.signatureAt = time;
}

/**
 * How long a set is fresh that says `maxAge` seconds: a minute at least, and the limit at most. What is no
 * number of seconds says nothing.
 */
export function ageOf(maxAge, usual, limit) {
  if (!Number.isFinite(maxAge)) return usual;
  return Math.min(limit, Math.max(RULES.leastAge, maxAge * 1000));
}

/** A set came. @returns whether it replaces what is held, as rule 1 says */
export function succeeded(
  past,
  { number, isNewest, fetchedAt, maxAge, isStored, set, etag, random },
  time,
) {
  if (isNewest) past.startedAt = undefined;
  past.storeAsked = isStored;
  if (number < past.answered) return false;
  if (isStored && past.fetchedAt !== undefined && fetchedAt <= past.fetchedAt) return false;
  const freshUntil = fetchedAt + maxAge * (1 - 0.1 * random);
  past.fetchedAt = fetchedAt;
  past.set = set;
  past.etag = etag;
  past.freshUntil = isStored ? Math.min(time, freshUntil) : freshUntil;
  past.error = undefined;
  if (isStored) return true;
  past.answered = number;
  past.askedAt = time;
  past.failures = 0;
  past.retryAt = 0;
  return true;
}

/** Rule 4. A failure of a refresh that a newer answer overtook says nothing of the origin. */
export function failed(past, { number, isNewest, retryAfter, random, error }, time) {
  if (number < past.answered) return;
  past.error = error;
  if (isNewest) past.startedAt = undefined;
  past.failures++;
  past.failed = Math.max(past.failed, number);
  past.askedAt = time;
  past.storeAsked = false;
  const most = Math.min(RULES.maxBackoff, 1000 * 2 ** (past.failures - 1));
  // An endpoint that asks for a time that is none asks for nothing.
  const isTime = retryAfter > 0 && retryAfter < Number.POSITIVE_INFINITY;
  const asked = isTime ? Math.min(retryAfter, RULES.maxRetryAfter) : 0;
  // What the endpoint asked for holds, also where another refresh fails after it.
  const before = isBackingOff(past, time) ? past.retryAt : time;
  past.retryAt = Math.max(before, time + Math.max(most * (1 - random / 2), asked));
}

/** Whether what a lookup decided is what the rules allow. Says what is wrong, or nothing. */
export function judge(past, bounds, lookup, { act, cause, until, retryAt }, time) {
  const { found, arrivedAfter, arrivedAt, issuedAt, others } = lookup;
  const standing = standingOf(past, bounds, time);
  const trusted = isTrusted(standing);
  const isProven = past.answered > arrivedAfter;
  const isOld = issuedAt !== undefined && trusted && issuedAt < past.fetchedAt - RULES.issuedBefore;
  // Where the set is good for nothing any more, its origin's answer must be to this very lookup.
  const isAnswered =
    isProven && (trusted || standing === "unasked" || (past.fetchedAt ?? 0) >= arrivedAt);
  if (act === "answer") {
    if (found && !trusted && !isAnswered) return "keys of a set that is not trusted";
    if (!found && !isAnswered && !isOld) return "key_not_found without proof";
    return undefined;
  }
  if (trusted && found) return "a known kid has to wait, or is refused";
  if (isAnswered) return "the origin answered, and the lookup is not";
  if (isOld) return "an old token has to wait, or is refused";
  const backingOff = isBackingOff(past, time);
  const underWay = isUnderWay(past, bounds, time);
  const deadline = arrivedAt + bounds.cooldown + bounds.timeout;
  const lastStart =
    arrivedAt + Math.max(bounds.cooldown, bounds.timeout + RULES.grace + RULES.firstRetry);
  let why;
  let next;
  if (trusted) {
    const cooledAt = isWithin(past.unknownKidAt, bounds.cooldown, time)
      ? past.unknownKidAt + bounds.cooldown
      : time;
    const startAt = Math.max(cooledAt, backingOff ? past.retryAt : time);
    if (past.failed > arrivedAfter || time >= deadline) {
      why = "refuse";
      next = startAt;
    } else if (underWay) {
      why = "follow";
      next = Math.min(deadline, past.startedAt + bounds.timeout + RULES.grace);
    } else if (startAt > time && startAt > arrivedAt + bounds.cooldown) {
      why = "refuse";
      next = startAt;
    } else if (startAt > time) {
      why = "wait";
      next = startAt;
    } else why = "refresh";
  } else if (isProven) {
    why = "refuse";
    next = time;
  } else if (time >= lastStart) {
    why = "refuse";
    next = Math.max(time, past.retryAt);
  } else {
    const patience =
      past.failures > 0 ? bounds.timeout + RULES.grace : Math.min(RULES.patience, bounds.timeout);
    const isNear =
      past.failures === 1 && past.retryAt - time <= RULES.firstRetry && past.retryAt < lastStart;
    if (underWay && time - past.startedAt < patience) {
      why = "follow";
      next = past.startedAt + patience;
    } else if (backingOff) {
      why = isNear ? "wait" : "refuse";
      next = past.retryAt;
    } else if (past.failed > arrivedAfter && past.failures > 1) {
      why = "refuse";
      next = past.retryAt;
    } else why = "refresh";
  }
  // One may lead where no set is trusted; else only so many may wait as there is room for.
  const isFull = others >= bounds.maxParked + (trusted ? 0 : 1);
  const isDue = why === "refresh";
  if (isFull && why !== "refuse") {
    if (why !== "wait") next = time;
    why = "refuse";
  }
  if (act !== why) return `a lookup is to ${act}, where the rules say ${why}`;
  if (isDue !== (cause !== undefined)) {
    return isDue
      ? "a refresh is due, and a full room keeps it from starting"
      : "a refresh starts that is not due";
  }
  const reason = trusted ? "unknown_kid" : standing === "unasked" ? "stale" : "cold";
  if (isDue && cause !== reason) return `a refresh for another reason than ${reason}`;
  if (why === "refresh") {
    const from = trusted ? Math.min(time, arrivedAt + bounds.cooldown) : time;
    next = from + bounds.timeout + RULES.grace;
  }
  if (why === "refuse") return retryAt === next ? undefined : "a wrong time to try again";
  return until === next ? undefined : `a lookup is to ${act} until another time than the rules say`;
}

/** The longest that a lookup may wait, by the rules: for a start, then for an answer. */
export function longestWait({ cooldown, timeout }) {
  const { grace, firstRetry } = RULES;
  return Math.max(cooldown, timeout + grace + firstRetry) + timeout + grace;
}

/** What a caller is told that cannot be answered: who waited for a refresh that failed is told why. */
export function refusalOf({ error }, retryAt, time, hasFailed) {
  const code = hasFailed ? (error?.code ?? "backing_off") : "backing_off";
  const seconds = Math.max(1, Math.ceil((retryAt - time) / 1000));
  return `${code}, again in ${seconds} s, status ${error?.status}`;
}

/**
 * What `refresh()` comes to when it waits no longer: "done" when the origin brought a set that is no older
 * than its refresh, and "again" when only a store answered.
 */
export function endOfRefresh(past, number, isOver) {
  if (past.answered >= number) return "done";
  return isOver || past.failed >= number ? "refused" : "again";
}
