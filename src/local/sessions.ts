import type { JsonObject } from "../encoding/json.ts";
import type { TestIssuer } from "../testing/index.ts";
import { decodeUnverified } from "../token/decode-unverified.ts";
import type { Conditions } from "./conditions.ts";
import type { Person } from "./person.ts";

/** One log-in. */
export interface Session {
  /** The application token, which is the value of the cookie and of the assertion. */
  readonly token: string;
  /** The length of the session from the log-in. */
  readonly seconds: number;
  /** Users only. */
  readonly email: string | undefined;
  /** The answer of the identity endpoint. */
  readonly identity: JsonObject;
}

/** All open sessions. */
export interface Sessions {
  openUser(person: Person): Promise<Session>;
  openService(clientId: string): Promise<Session>;
  /** Returns the first valid session of these tokens. */
  find(tokens: readonly string[]): Session | undefined;
  close(tokens: readonly string[]): void;
}

const MAX_SESSIONS = 1000;
const SERVICE_SECONDS = 86_400;

/** Creates the store of sessions. They are only in memory, so a restart ends them all. */
export function createSessions(issuer: TestIssuer, conditions: Conditions): Sessions {
  const open = new Map<string, Session>();
  let service: { session: Session; kid: string; conditions: string } | undefined;

  /** Whether a session is valid by the emulator's clock and keys. */
  function isValid({ token }: Session): boolean {
    const { header, payload } = decodeUnverified(token);
    const isFresh = Number(payload.exp) * 1000 > conditions.now();
    return open.has(token) && isFresh && issuer.jwks().keys.some(({ kid }) => kid === header.kid);
  }

  const current = (): { aud: readonly string[] } => ({ aud: [conditions.audience] });

  function add(session: Session): Session {
    const [oldest] = open.keys();
    if (oldest !== undefined && open.size >= MAX_SESSIONS) open.delete(oldest);
    open.set(session.token, session);
    return session;
  }

  return {
    async openUser({ email, groups, country, custom, sessionSeconds: seconds }) {
      const exp = Math.floor(conditions.now() / 1000) + seconds;
      const token = await issuer.userToken({ ...current(), email, exp, country, custom });
      const { iat, sub } = decodeUnverified(token).payload;
      const identity = {
        id: sub,
        user_uuid: sub,
        email,
        name: email.replace(/@.*/, ""),
        groups: groups.map((name) => ({ id: name, name })),
        amr: ["pwd"],
        idp: { id: "local", type: "onetimepin" },
        geo: { country },
        oidc_fields: custom,
        common_name: "",
        service_token_id: "",
      };
      return add({ token, seconds, email, identity: { ...identity, ...always(iat) } });
    },
    async openService(clientId) {
      // Every request sends the credentials, so they share one token while key, clock and tag are the same.
      const { kid } = issuer;
      const now = `${conditions.clockSkewSeconds} ${conditions.audience}`;
      if (service?.kid === kid && service.conditions === now && isValid(service.session)) {
        return service.session;
      }
      const exp = Math.floor(conditions.now() / 1000) + SERVICE_SECONDS;
      const token = await issuer.serviceToken({ ...current(), common_name: clientId, exp });
      const { iat } = decodeUnverified(token).payload;
      const identity = { common_name: clientId, service_token_id: clientId, ...always(iat) };
      const session = add({ token, seconds: SERVICE_SECONDS, email: undefined, identity });
      service = { session, kid, conditions: now };
      return session;
    },
    find(tokens) {
      for (const token of tokens) {
        const session = open.get(token);
        if (session === undefined) continue;
        if (isValid(session)) return session;
        open.delete(token);
      }
      return undefined;
    },
    close(tokens) {
      for (const token of tokens) open.delete(token);
    },
  };
}

function always(iat: unknown): JsonObject {
  return { iat, ip: "127.0.0.1", auth_status: "NONE", version: 2 };
}
