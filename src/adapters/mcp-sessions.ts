import { tell } from "../caller-mistakes.ts";
import { onceOver } from "./deadline.ts";
import { type AnyHeaders, readHeader } from "./headers.ts";
import type { Answer } from "./rejection.ts";

const SESSION = "mcp-session-id";

/** Every `initialize` opens a small session. At this limit, the oldest one ends. */
const MAX_SESSIONS = 10_000;

/** The answer of the SDK's own transport for an unknown session. The client then starts a new one. */
export const NO_SESSION: Answer = {
  status: 404,
  headers: { "cache-control": "no-store" },
  contentType: "application/json",
  body: '{"jsonrpc":"2.0","error":{"code":-32001,"message":"Session not found"},"id":null}',
};

/** The owner of a request, and the end of its token in milliseconds since the epoch. */
export interface Holder {
  readonly owner: string | undefined;
  readonly until: number;
}

/** Remembers who opened each session. The application's own data is not part of it. */
export interface Sessions {
  /** Whether the request names no session, or a session of the same owner. */
  admits(headers: AnyHeaders, holder: Holder): boolean;
  /** Remembers a session that a response opens. */
  note(id: string | null | undefined, holder: Holder): void;
}

interface Session {
  readonly owner: string;
  until: number;
  stop: () => void;
}

/** A session belongs to the principal that opened it. It ends when the owner's latest token expires. */
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
      // The timer can be late, or can have stopped together with the request that started it.
      if (Date.now() >= session.until) end(id);
      else session.until = Math.max(session.until, until);
      return sessions.has(id);
    },
    note(id, { owner, until }) {
      // A known session keeps its owner.
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

/** Reads the session id of a response from the arguments of `writeHead`, or from a header set before. */
export function sessionOf(
  given: readonly unknown[],
  getHeader: (name: string) => unknown,
): string | undefined {
  const fields = given.at(-1);
  let value: unknown;
  if (Array.isArray(fields)) {
    // A flat list, or a list of pairs.
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
