import type { FetchedKeySet, KeySetFetcher, KeySetRequest, PosternEvent } from "../../src/index.ts";
import type { KeySetStore, StoreWrite } from "../../src/stores/index.ts";

export const URL_OF_SET = "https://issuer.example/jwks";

/** An RSA key pair as an issuer holds it. */
export interface Pair {
  readonly jwk: {
    readonly kty: string;
    readonly kid: string;
    readonly n: string;
    readonly e: string;
  };
  readonly privateKey: CryptoKey;
  readonly privateJwk: Readonly<Record<string, string>>;
}

type CryptoKey = Parameters<typeof crypto.subtle.sign>[1];

export async function makePair(kid: string): Promise<Pair> {
  const { publicKey, privateKey } = await crypto.subtle.generateKey(
    {
      name: "RSASSA-PKCS1-v1_5",
      hash: "SHA-256",
      modulusLength: 2048,
      publicExponent: new Uint8Array([1, 0, 1]),
    },
    true,
    ["sign", "verify"],
  );
  const { n = "", e = "" } = await crypto.subtle.exportKey("jwk", publicKey);
  const { d = "" } = await crypto.subtle.exportKey("jwk", privateKey);
  const privateJwk = { kty: "RSA", kid, n, e, d };
  return { jwk: { kty: "RSA", kid, n, e }, privateKey, privateJwk };
}

export async function signToken(pair: Pair, claims: Record<string, unknown>): Promise<string> {
  const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString("base64url");
  const input = `${part({ alg: "RS256", kid: pair.jwk.kid })}.${part(claims)}`;
  const signature = await crypto.subtle.sign(
    "RSASSA-PKCS1-v1_5",
    pair.privateKey,
    new TextEncoder().encode(input),
  );
  return `${input}.${Buffer.from(signature).toString("base64url")}`;
}

/** A clock that stands still until it is moved. */
export class Clock {
  time: number = Date.UTC(2030, 0, 1);
  readonly now = (): number => this.time;

  forward(seconds: number): void {
    this.time += seconds * 1000;
  }
}

/** An origin with given answers that records its requests. */
export class Origin {
  readonly requests: KeySetRequest[] = [];
  answer: () => Promise<FetchedKeySet> | FetchedKeySet;

  constructor(answer: () => Promise<FetchedKeySet> | FetchedKeySet) {
    this.answer = answer;
  }

  readonly fetcher: KeySetFetcher = async (request) => {
    this.requests.push(request);
    return this.answer();
  };
}

/** A store whose texts a test can read and damage. */
export class OpenStore implements KeySetStore {
  readonly texts: Map<string, unknown> = new Map();
  readonly writes: StoreWrite[] = [];

  get(key: string): unknown {
    return this.texts.get(key);
  }

  set(key: string, text: string, write: StoreWrite): unknown {
    this.writes.push(write);
    this.texts.set(key, text);
    return undefined;
  }

  get text(): string {
    const [text] = this.texts.values();
    return String(text);
  }

  put(text: unknown): void {
    for (const key of this.texts.keys()) this.texts.set(key, text);
  }

  /** The JSON of the one text, changed, without a signature. */
  edit(change: (document: Record<string, unknown>) => void): void {
    const document = JSON.parse(this.text.slice(this.text.indexOf("{"))) as Record<string, unknown>;
    change(document);
    this.put(`postern1..${JSON.stringify(document)}`);
  }
}

export function ask(cold: boolean, etag?: string): KeySetRequest {
  return { url: URL_OF_SET, cold, etag, signal: new AbortController().signal };
}

/** The kids of an answer, without its other members. */
export function kidsOf(fetched: FetchedKeySet): unknown[] {
  if (fetched.notModified === true) return [];
  return (fetched.jwks as { keys: { kid: unknown }[] }).keys.map(({ kid }) => kid);
}

/** A fetcher's events about a store. */
export function reasonsIn(events: readonly PosternEvent[]): string[] {
  return events.flatMap((event) =>
    event.type === "store_failed" ? [`${event.operation}: ${event.reason}`] : [],
  );
}
