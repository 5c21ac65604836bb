import { onceOver } from "./deadline.ts";
import { tell } from "./gate.ts";
import { type AnyHeaders, readHeader } from "./headers.ts";
import type { Answer } from "./rejection.ts";

const SESSION = "mcp-session-id";

/** One opens with every `initialize`, and each is small. The oldest makes room. */
const MAX_SESSIONS = 10_000;

/** What the SDK's own transport answers for a session that it does not have: a client starts anew. */
export const NO_SESSION: Answer = {
  status: 404,
  headers: { "cache-control": "no-store" },
  contentType: "application/json",
  body: '{"jsonrpc":"2.0","error":{"code":-32001,"message":"Session not found"},"id":null}',
};

/** Whose request it is, and until when in milliseconds since the epoch. */
export interface Holder {
  readonly owner: string | undefined;
  readonly until: number;
}

/** Who opened which session. It knows nothing of what the application keeps for one. */
export interface Sessions {
  /** Whether a request names no session, or one of its own. */
  admits(headers: AnyHeaders, holder: Holder): boolean;
  /** Takes note of a session that an answer opens. */
  note(id: string | null | undefined, holder: Holder): void;
}

interface Session {
  readonly owner: string;
  until: number;
  stop: () => void;
}

/** A session belongs to the principal that opened it, until the last token that its owner has shown is over. */
export function createSessions(onEnd: ((id: string) => void) | undefined): Sessions {
  const sessions = new Map<string, Session>();

  function end(id: string): void {
    sessions.get(id)?.stop();
    if (sessions.delete(id)) tell(() => onEnd?.(id));
  }

  return {
    admits(headers, { owner, until }) {
      const id = readHeader(headers, SESSION);
      if (id === undefined) return true;
      const session = sessions.get(id);
      if (session === undefined || session.owner !== owner) return false;
      // A timer can be late, or die with the request that made it.
      if (Date.now() >= session.until) end(id);
      else session.until = Math.max(session.until, until);
      return sessions.has(id);
    },
    note(id, { owner, until }) {
      // Never anew: a session has one owner.
      if (!id || owner === undefined || until <= Date.now() || sessions.has(id)) return;
      const [oldest] = sessions.keys();
      if (oldest !== undefined && sessions.size >= MAX_SESSIONS) end(oldest);
      const session: Session = { owner, until, stop: () => {} };
      sessions.set(id, session);
      session.stop = onceOver(
        () => session.until,
        () => end(id),
      );
    },
  };
}

/** The session that the head of an answer names: an argument of `writeHead`, or a header set before. */
export function sessionOf(
  given: readonly unknown[],
  getHeader: (name: string) => unknown,
): string | undefined {
  const fields = given.at(-1);
  let value: unknown;
  if (Array.isArray(fields)) {
    // Flat, or in pairs.
    const flat = fields.flat();
    const at = flat.findIndex((name, index) => index % 2 === 0 && isSession(name));
    value = at < 0 ? undefined : flat[at + 1];
  } else if (typeof fields === "object" && fields !== null) {
    [, value] = Object.entries(fields).find(([name]) => isSession(name)) ?? [];
  }
  const id = value ?? getHeader(SESSION);
  return id === undefined ? undefined : String(id);
}

function isSession(name: unknown): boolean {
  return String(name).toLowerCase() === SESSION;
}
