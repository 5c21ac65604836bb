import type { JsonObject } from "../encoding/json.ts";
import type { Conditions } from "./conditions.ts";
import { randomHex } from "./digest.ts";
import type { SigningKeys } from "./keys.ts";
import { type Person, userId } from "./person.ts";

/** One log-in. */
export interface Session {
  /** The application token: what the cookie and the assertion hold. */
  readonly token: string;
  readonly kid: string;
  /** How long it lasts from the log-in on. */
  readonly seconds: number;
  /** In ms since the epoch, by the edge's clock. */
  readonly expiresAt: number;
  /** Users only. */
  readonly email: string | undefined;
  /** What the identity endpoint tells. */
  readonly identity: JsonObject;
}

/** Everyone who is logged in. */
export interface Sessions {
  openUser(person: Person): Promise<Session>;
  openService(clientId: string): Promise<Session>;
  /** The first of these tokens whose session stands. */
  find(tokens: readonly string[]): Session | undefined;
  close(tokens: readonly string[]): void;
}

const MAX_SESSIONS = 1000;
const SERVICE_SECONDS = 86_400;

/** Sessions of one start: a token of another is nobody's. */
export function createSessions(
  keys: SigningKeys,
  conditions: Conditions,
  { issuer, audience }: { issuer: string; audience: string },
): Sessions {
  const open = new Map<string, Session>();
  let service: { session: Session; skew: number } | undefined;

  const stands = ({ token, expiresAt, kid }: Session): boolean =>
    open.has(token) && expiresAt > conditions.now() && keys.published.includes(kid);

  async function issue(
    seconds: number,
    who: { claims: JsonObject; email?: string; identity: JsonObject },
  ): Promise<Session> {
    const iat = Math.floor(conditions.now() / 1000);
    const claims = { aud: [audience], exp: iat + seconds, iat, iss: issuer, type: "app" };
    const signed = await keys.sign({ ...claims, ...who.claims });
    const session: Session = {
      ...signed,
      seconds,
      expiresAt: claims.exp * 1000,
      email: who.email,
      identity: { ...who.identity, iat, ip: "127.0.0.1", auth_status: "NONE", version: 2 },
    };
    const [oldest] = open.keys();
    if (oldest !== undefined && open.size >= MAX_SESSIONS) open.delete(oldest);
    open.set(session.token, session);
    return session;
  }

  return {
    openUser({ email, groups, country, custom, sessionSeconds }) {
      const sub = userId(email);
      const nbf = Math.floor(conditions.now() / 1000);
      const nonce = randomHex(8);
      return issue(sessionSeconds, {
        email,
        claims: { email, nbf, identity_nonce: nonce, sub, country, custom },
        identity: {
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
        },
      });
    },
    async openService(clientId) {
      // Every request carries the credentials: one token serves them all, under today's key and clock.
      const skew = conditions.clockSkewSeconds;
      if (service?.session.kid === keys.current && service.skew === skew) {
        if (stands(service.session)) return service.session;
      }
      const session = await issue(SERVICE_SECONDS, {
        claims: { common_name: clientId, sub: "" },
        identity: { common_name: clientId, service_token_id: clientId, service_token_status: true },
      });
      service = { session, skew };
      return session;
    },
    find(tokens) {
      for (const token of tokens) {
        const session = open.get(token);
        if (session === undefined) continue;
        if (stands(session)) return session;
        open.delete(token);
      }
      return undefined;
    },
    close(tokens) {
      for (const token of tokens) open.delete(token);
    },
  };
}
