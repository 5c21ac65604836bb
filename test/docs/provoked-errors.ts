import { allowLiveSession } from "../../src/checks/index.ts";
import {
  createRemoteKeySet,
  createVerifier,
  discoverKeySet,
  type FetchLike,
  getIdentity,
  type RemoteKeySetOptions,
  type ResponseLike,
  type TeamOptions,
  type VerificationKey,
} from "../../src/index.ts";
import { createTestIssuer } from "../../src/testing/index.ts";
import { rejection } from "../support/issuer.ts";

const issuer = await createTestIssuer({ decoyKeys: true });
const { issuer: team, audience, fetch } = issuer;
const stranger = await createTestIssuer({ decoyKeys: true });
const person = await issuer.userToken();
const ORDINARY = ["name", "message", "stack", "code", "status"];

/** One way or several to provoke each code. */
const WAYS: { readonly [code: string]: readonly (() => Promise<unknown>)[] } = {
  token_missing: [() => knock("")],
  token_ambiguous: [
    async () => {
      const other = await issuer.userToken({ sub: "another", email: "bob@example.com" });
      const cookie = `CF_Authorization=${person}; CF_Authorization=${other}`;
      return verifier().verifyRequest({ cookie });
    },
  ],
  token_malformed: [() => knock("no token"), () => getIdentity("no token", { team })],
  token_too_large: [() => knock("a".repeat(16_385))],
  algorithm_not_allowed: [() => knock(respelt({ alg: "none" }))],
  header_unsupported: [
    async () => knock(await issuer.sign({}, { typ: "logout+jwt" })),
    async () => knock(await issuer.sign({}, { crit: ["exp"] })),
  ],
  key_not_found: [async () => knock(await stranger.userToken({ iss: team, aud: audience }))],
  signature_invalid: [() => knock(respelt({ alg: "RS256", kid: issuer.kid }))],
  claim_missing: [
    async () => knock(await issuer.userToken({ exp: undefined })),
    async () => knock(await issuer.userToken({ type: undefined })),
  ],
  issuer_mismatch: [async () => knock(await issuer.userToken({ iss: "https://other.example" }))],
  audience_mismatch: [async () => knock(await issuer.userToken({ aud: "another" }))],
  token_expired: [
    async () => knock(await issuer.userToken({ exp: 1 })),
    () => knock(person, { check: liveSession(403, "allow") }),
  ],
  token_not_yet_valid: [async () => knock(await issuer.userToken({ nbf: 2 ** 40 }))],
  claim_invalid: [
    async () => knock(await issuer.userToken({ exp: "tomorrow" })),
    async () => knock(await issuer.userToken({ email: "" })),
  ],
  token_type_mismatch: [async () => knock(await issuer.orgToken({ aud: audience }))],
  forbidden: [() => knock(person, { check: () => false })],

  fetch_failed: [
    () => refresh(() => Promise.reject(new Error("no way"))),
    () => knock(person, { check: liveSession(500, "refuse") }),
    () => getIdentity(person, { team, fetch: () => Promise.reject(new Error("no way")) }),
  ],
  fetch_timeout: [() => refresh(() => new Promise(() => {}), { timeoutSeconds: 0.001 })],
  http_status: [() => refresh(answer("", 500)), () => identity(answer("", 500))],
  redirected: [() => refresh(answer("", 302)), () => identity(answer("", 302))],
  response_too_large: [() => refresh(answer('{"keys":[]}'), { maxBytes: 1 })],
  not_json: [() => refresh(answer("<html>")), () => identity(answer("<html>"))],
  jwks_malformed: [() => refresh(answer("{}")), () => withKeys(undefined)],
  no_usable_keys: [() => refresh(answer('{"keys":[]}')), () => withKeys([unusableKey()])],
  backing_off: [
    async () => {
      const keys = createRemoteKeySet("https://a.example/jwks", { fetch: answer("", 500) });
      await rejection(keys.refresh());
      await keys.refresh();
    },
  ],
  discovery_mismatch: [
    () => discoverKeySet("https://a.example", { fetch: answer('{"issuer":"b"}') }).refresh(),
  ],
  identity_refused: [() => identity(answer("", 403))],
};

/** The names of the facts on errors of a code. An error of another code is a failure. */
export async function provoke(code: string): Promise<string[]> {
  const facts = new Set<string>();
  for (const way of WAYS[code] ?? []) {
    const error = (await rejection(way())) as Record<string, unknown>;
    if (error["code"] !== code) throw new Error(`${code} was meant, ${error["code"]} came`);
    for (const name of Object.getOwnPropertyNames(error)) {
      // `verified` is on every token error; the page names it where it can be true.
      const says = name === "verified" ? error[name] === true : error[name] !== undefined;
      if (says && !ORDINARY.includes(name)) facts.add(name);
    }
  }
  if (WAYS[code] === undefined) throw new Error(`there is no way to provoke ${code}`);
  return [...facts].sort();
}

function verifier(options: Partial<TeamOptions> = {}) {
  return createVerifier({ team, audience, keys: issuer.jwks(), ...options });
}

async function knock(token: string, options: Partial<TeamOptions> = {}): Promise<unknown> {
  // A remote set, because a static one cannot prove that a key exists nowhere.
  const guard = verifier({ keys: undefined, remote: { fetch }, ...options });
  await guard.prefetch();
  return guard.verify(token);
}

function withKeys(found: unknown): Promise<unknown> {
  const find = async () => found as VerificationKey[];
  return verifier({ keys: { find } }).verify(person);
}

/** It looks like a key, but no engine can use it. */
function unusableKey(): VerificationKey {
  const algorithm = { name: "RSASSA-PKCS1-v1_5", hash: { name: "SHA-256" }, modulusLength: 2048 };
  const cryptoKey = { type: "public", usages: ["verify"], algorithm };
  return { kid: undefined, cryptoKey: cryptoKey as unknown as VerificationKey["cryptoKey"] };
}

/** The claims and the signature of a genuine token under another header. */
function respelt(header: object): string {
  const [, payload, signature] = person.split(".");
  const text = Buffer.from(JSON.stringify(header)).toString("base64url");
  return `${text}.${payload}.${signature}`;
}

function answer(body: string, status = 200): FetchLike {
  return async () => {
    const headers = new Headers();
    return { status, headers, text: async () => body } satisfies ResponseLike;
  };
}

function refresh(from: FetchLike, options: RemoteKeySetOptions = {}): Promise<void> {
  return createRemoteKeySet("https://a.example/jwks", { ...options, fetch: from }).refresh();
}

function identity(from: FetchLike): Promise<unknown> {
  return getIdentity(person, { team, fetch: from });
}

function liveSession(status: number, onUnknown: "allow" | "refuse") {
  return allowLiveSession({ everySeconds: 60, onUnknown, fetch: answer("", status) });
}
