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
  /** A short, unique name for test titles. */
  readonly name: string;
  readonly token: string;
  /** The reason to refuse it in one or two sentences, with the section of the standard. */
  readonly why: string;
}

/** One family of attacks. */
export type Attacks = (forge: Forge) => AsyncGenerator<HostileToken, void, void>;

/** The issuer whose tokens are attacked. */
export interface Target {
  readonly issuer: string;
  readonly audience: string;
  /** The audience of the team domain's own session. */
  readonly orgAudience: string;
  /** The client id of a service token. */
  readonly serviceName: string;
  /** Seconds since the epoch. */
  readonly now: number;
  readonly key: SigningKey;
  readonly previous: SigningKey;
  readonly certs: CertsDocument;
}

/** Everything that an attack needs. */
export interface Forge extends Target {
  /** The attacker's own key, which the issuer never published. */
  readonly attacker: SigningKey;
  readonly header: ClaimOverrides;
  readonly claims: ClaimOverrides;
  /** The AUD tag of another application. */
  readonly elsewhere: string;
  /** The token that is accepted. Each attack changes one thing in it. */
  readonly genuine: string;
  /** Signs other claims or another header with the issuer's key. */
  signed(claims: Part, header?: ClaimOverrides): Promise<string>;
  /** Signs the genuine claims with the attacker's key. */
  forged(header: ClaimOverrides): Promise<string>;
}

const HALF_AN_HOUR = 1800;

/** Made once for all issuers, because making a key takes longer than making all the tokens. */
let attackersJwk: PrivateJwk | undefined;

export async function createForge(target: Target): Promise<Forge> {
  const { key, issuer, audience, now } = target;
  const facts = { commonName: "attacker.example", createdAt: now * 1000 };
  attackersJwk ??= await createPrivateJwk();
  const attacker = await importSigningKey(attackersJwk, facts);
  // Issued before the guard fetched its keys. So a guard refuses an unknown kid at once, and does not wait
  // to fetch the keys again.
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

/** Splits a token into its three parts. */
export function partsOf(token: string): [header: string, payload: string, signature: string] {
  const [header = "", payload = "", signature = ""] = token.split(".");
  return [header, payload, signature];
}

/** Writes an object as JSON and appends members. So a name can occur twice. */
export function withMembers(object: ClaimOverrides, members: string): string {
  return `${JSON.stringify(object).slice(0, -1)},${members}}`;
}
