import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { expect, test } from "vitest";
import { createVerifier, type FetchLike } from "../../src/index.ts";
import { AUDIENCE, createSigner, NOW, TEAM, userClaims } from "../support/issuer.ts";

setFlagsFromString("--expose-gc");
const collect = runInNewContext("gc") as () => void;

function held(): number {
  collect();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

const REQUESTS = 300;
const COOKIES = 8;

/** An array of many small numbers takes many times its text when it is parsed. */
const bulk = Array.from({ length: 5600 }, (_, index) => index % 10);

/** Unsigned tokens of 16 KB each, eight to a request, as text that has been read from a connection. */
function headersOf(token: string, request: number): { cookie: string } {
  const cookies = Array.from({ length: COOKIES }, (_, index) => {
    const signature = `${request}-${index}`.padEnd(342, "A");
    return `CF_Authorization=${token}.${signature}`;
  });
  return { cookie: Buffer.from(cookies.join("; "), "latin1").toString("latin1") };
}

test.each([
  ["cold", false],
  ["parked under an unknown kid", true],
])(
  "requests that wait for keys, %s, hold no more than three times what was sent",
  async (_, isWarm) => {
    const signer = await createSigner();
    let isUp = isWarm;
    const fetch: FetchLike = async () => {
      if (isUp) return Response.json({ keys: [signer.jwk] });
      return new Promise(() => {});
    };
    const verifier = createVerifier({
      team: TEAM,
      audience: AUDIENCE,
      remote: { fetch, timeoutSeconds: 300, maxParked: 10_000 },
      now: () => NOW * 1000,
    });
    if (isWarm) await verifier.prefetch();
    isUp = false;
    const spell = (part: object): string => Buffer.from(JSON.stringify(part)).toString("base64url");
    const header = spell({ alg: "RS256", kid: "unknown" });
    const token = `${header}.${spell(userClaims({ iat: NOW, bulk }))}`;
    const abort = new AbortController();
    const before = held();
    const requests = Array.from({ length: REQUESTS }, (_, request) => headersOf(token, request));
    const sent = requests.reduce((sum, { cookie }) => sum + cookie.length, 0);
    const waiting = requests.map((headers) =>
      verifier.safeVerifyRequest({ headers }, { signal: abort.signal }),
    );
    let kept = Number.POSITIVE_INFINITY;
    // On a busy machine it takes a while until all requests wait.
    for (let tries = 0; tries < 20 && kept / sent >= 3; tries++) {
      await new Promise((resolve) => setTimeout(resolve, 50));
      kept = held() - before;
    }
    abort.abort();
    for (const result of await Promise.all(waiting)) {
      expect(result).toMatchObject({ ok: false, error: { status: 503 } });
    }
    expect(sent).toBeGreaterThan(REQUESTS * 120_000);
    expect(kept / sent).toBeLessThan(3);
  },
  60_000,
);
