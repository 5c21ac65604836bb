import type { CertsDocument } from "../certs.ts";
import { type ClaimOverrides, randomTag, userClaims } from "../claims.ts";
import { type Part, seal } from "../compact.ts";
import {
  createPrivateJwk,
  importSigningKey,
  type PrivateJwk,
  type SigningKey,
} from "../signing-key.ts";

/** A token that every correct guard must refuse. */
export interface HostileToken {
  /** Short and unique: for a test's title. */
  readonly name: string;
  readonly token: string;
  /** The reason in a sentence or two, with the standard's section where there is one. */
  readonly why: string;
}

/** One family of attacks. */
export type Attacks = (forge: Forge) => AsyncGenerator<HostileToken, void, void>;

/** What an attack starts from: the issuer as it is. */
export interface Target {
  readonly issuer: string;
  readonly audience: string;
  /** The audience of the authentication domain's own session. */
  readonly orgAudience: string;
  /** The client id of a service token. */
  readonly serviceName: string;
  /** Seconds since the epoch. */
  readonly now: number;
  readonly key: SigningKey;
  readonly previous: SigningKey;
  readonly certs: CertsDocument;
}

/** Where hostile tokens are made. */
export interface Forge extends Target {
  /** A key of the attacker's own, which the issuer never published. */
  readonly attacker: SigningKey;
  readonly header: ClaimOverrides;
  readonly claims: ClaimOverrides;
  /** The AUD tag of another application. */
  readonly elsewhere: string;
  /** The token that is accepted; each attack changes one thing about it. */
  readonly genuine: string;
  /** The issuer's own signature under other claims or another header. */
  signed(claims: Part, header?: ClaimOverrides): Promise<string>;
  /** The attacker's signature under the genuine claims. */
  forged(header: ClaimOverrides): Promise<string>;
}

const HALF_AN_HOUR = 1800;

/** Made once: a key costs more than all the tokens, and one attacker is enough for every issuer. */
let attackersJwk: PrivateJwk | undefined;

export async function createForge(target: Target): Promise<Forge> {
  const { key, issuer, audience, now } = target;
  const facts = { commonName: "attacker.example", createdAt: now * 1000 };
  attackersJwk ??= await createPrivateJwk();
  const attacker = await importSigningKey(attackersJwk, facts);
  // Issued before the guard can have fetched its keys: an unknown kid is then plainly unknown, and
  // no guard has to ask the issuer again and wait.
  const past = now - HALF_AN_HOUR;
  const occasion = { issuer, audience, now };
  const claims = await userClaims(occasion, { iat: past, nbf: past });
  const header = { alg: "RS256", kid: key.kid, typ: "JWT" };
  const signed: Forge["signed"] = (payload, changes) =>
    seal({ ...header, ...changes }, payload, key.sign);
  return {
    ...target,
    attacker,
    header,
    claims,
    elsewhere: randomTag(),
    genuine: await signed(claims),
    signed,
    forged: (changes) => seal({ ...header, ...changes }, claims, attacker.sign),
  };
}

/** The three parts of a token. */
export function partsOf(token: string): [header: string, payload: string, signature: string] {
  const [header = "", payload = "", signature = ""] = token.split(".");
  return [header, payload, signature];
}

/** The claims as JSON text with more members behind; a name may then occur twice. */
export function withMembers(object: ClaimOverrides, members: string): string {
  return `${JSON.stringify(object).slice(0, -1)},${members}}`;
}
