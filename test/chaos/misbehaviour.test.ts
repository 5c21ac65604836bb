import type { RequestListener } from "node:http";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { NOW } from "../support/issuer.ts";
import { createSigningKey, forged } from "../support/signing-key.ts";
import { type Endpoint, startEndpoint } from "./support/endpoint.ts";
import { type Guard, startGuard } from "./support/guard.ts";

const [current, next, unpublished] = await Promise.all([
  createSigningKey("current"),
  createSigningKey("next"),
  createSigningKey("unpublished"),
]);
const DAY = 86_400;

beforeAll(() => {
  // A team on this machine, one origin for every guard.
  vi.spyOn(console, "warn").mockReturnValue();
});
afterAll(() => {
  vi.restoreAllMocks();
});

/**
 * What a certs endpoint can do instead of a proper answer, and the code that a guard then gives.
 */
const MISBEHAVIOURS: { name: string; code: string; answer: RequestListener | "down" }[] = [
  { name: "refuses connections", code: "fetch_failed", answer: "down" },
  {
    name: "resets the connection at once",
    code: "fetch_failed",
    answer: (request) => request.socket.resetAndDestroy(),
  },
  {
    name: "resets the connection in mid-body",
    code: "fetch_failed",
    answer(request, response) {
      response.writeHead(200, { "content-length": "10000" });
      response.write('{"keys":[', () => request.socket.resetAndDestroy());
    },
  },
  {
    name: "ends in mid-body",
    code: "fetch_failed",
    answer(request, response) {
      response.writeHead(200, { "content-length": "10000" });
      response.write('{"keys":[', () => request.socket.end());
    },
  },
  { name: "never answers", code: "fetch_timeout", answer: () => {} },
  {
    name: "drips slowly and never ends",
    code: "fetch_timeout",
    answer(_request, response) {
      response.writeHead(200, { "content-type": "application/json" });
      const drip = setInterval(() => response.write(" "), 20);
      response.on("close", () => clearInterval(drip));
    },
  },
  {
    name: "answers HTML with 200",
    code: "not_json",
    answer: (_request, response) => response.end("<!doctype html><title>Welcome</title>"),
  },
  {
    name: "answers 404 with HTML",
    code: "http_status",
    answer: (_request, response) => response.writeHead(404).end("<h1>Unknown team</h1>"),
  },
  {
    name: "answers 429 with Retry-After",
    code: "http_status",
    answer: (_request, response) => response.writeHead(429, { "retry-after": "20" }).end(),
  },
  {
    name: "answers 503 with Retry-After",
    code: "http_status",
    answer: (_request, response) => response.writeHead(503, { "retry-after": "20" }).end(),
  },
  {
    name: "redirects to keys of someone else",
    code: "redirected",
    answer(request, response) {
      if (request.url === "/elsewhere") {
        response.end(JSON.stringify({ keys: [unpublished.jwk] }));
      } else response.writeHead(302, { location: "/elsewhere" }).end();
    },
  },
  {
    name: "truncates its JSON",
    code: "not_json",
    answer(_request, response) {
      response.end(JSON.stringify({ keys: [current.jwk, next.jwk] }).slice(0, -20));
    },
  },
  {
    name: "answers null",
    code: "not_json",
    answer: (_request, response) => response.end("null"),
  },
  {
    name: "answers keys of the wrong type",
    code: "jwks_malformed",
    answer: (_request, response) => response.end('{"keys":{"0":{}}}'),
  },
  {
    name: "answers entries of wrong types",
    code: "no_usable_keys",
    answer(_request, response) {
      const wrong = { ...current.jwk, n: 5, e: ["AQAB"] };
      response.end(JSON.stringify({ keys: [null, 5, "key", [], wrong, { ...wrong, n: "" }] }));
    },
  },
  {
    name: "answers an empty set",
    code: "no_usable_keys",
    answer: (_request, response) => response.end('{"keys":[]}'),
  },
  {
    name: "answers keys that are for something else",
    code: "no_usable_keys",
    answer(_request, response) {
      const keys = [
        { ...current.jwk, use: "enc" },
        { ...current.jwk, alg: "RS512" },
        { kty: "oct", kid: "current", k: "c2VjcmV0" },
      ];
      response.end(JSON.stringify({ keys }));
    },
  },
  {
    name: "answers 20 MB",
    code: "response_too_large",
    answer(_request, response) {
      const chunk = Buffer.alloc(2 ** 16, " ");
      let left = 320;
      const pour = (): void => {
        while (left > 0 && !response.destroyed) {
          left--;
          if (!response.write(chunk)) return void response.once("drain", pour);
        }
        response.end();
      };
      pour();
    },
  },
];

async function turnBad(endpoint: Endpoint, answer: RequestListener | "down"): Promise<void> {
  if (answer === "down") await endpoint.goDown();
  else endpoint.misbehave(answer);
}

async function turnGood(endpoint: Endpoint, answer: RequestListener | "down"): Promise<void> {
  if (answer === "down") await endpoint.comeBack();
}

function lastFailure({ events }: Guard): string | undefined {
  const failures = events.filter((event) => event.type === "refresh_failed");
  return failures.at(-1)?.code;
}

describe.concurrent("while a certs endpoint", () => {
  for (const { name, code, answer } of MISBEHAVIOURS) {
    const patience = code === "fetch_timeout" ? { timeoutSeconds: 0.5 } : {};
    test(`${name}, a warm guard uses the last good set until its limit`, async (context) => {
      const endpoint = await startEndpoint(context);
      endpoint.publish(current.jwk, next.jwk);
      const guard = startGuard(endpoint, patience);
      const iss = endpoint.origin;
      const genuine = await Promise.all(
        Array.from({ length: 20 }, (_, n) => current.token({ iss, sub: `user-${n}` })),
      );
      const fake = await unpublished.token({ iss }, { kid: "current" });
      expect(await guard.verdicts(genuine)).toEqual(["accepted"]);
      expect(endpoint.asked).toBe(1);
      await turnBad(endpoint, answer);

      // After its freshness no request waits, and one refresh fails in the background.
      guard.set(700);
      expect(await guard.verdicts(genuine)).toEqual(["accepted"]);
      expect(await guard.verdicts([fake, forged(genuine[0] as string)])).toEqual([
        "401 signature_invalid",
      ]);
      await expect.poll(() => lastFailure(guard), { timeout: 10_000 }).toBe(code);

      // An hour later, unused: one attempt, and then the last good set.
      guard.set(3600);
      expect(await guard.verdicts(genuine)).toEqual(["accepted"]);
      expect(lastFailure(guard)).toBe(code);
      // With a key that is not in the set, nothing can be decided: 503, and no 401.
      const unknown = await unpublished.token({ iss, iat: NOW + DAY });
      expect(await guard.verdict(unknown)).toMatch(/^503 /);
      expect(await guard.verdict(fake)).toBe("401 signature_invalid");

      // Beyond the longest trust no token can be decided.
      guard.set(DAY);
      expect((await guard.verdicts(genuine)).every((verdict) => verdict.startsWith("503 "))).toBe(
        true,
      );
      expect(await guard.verdict(fake)).toMatch(/^503 /);
      expect(endpoint.asked).toBeLessThanOrEqual(6);

      // When it is back, withdrawn keys are refused and kept keys are accepted.
      await turnGood(endpoint, answer);
      endpoint.publish(next.jwk);
      guard.set(300);
      expect(await guard.verdict(await next.token({ iss }))).toBe("accepted");
      expect(await guard.verdicts(genuine)).toEqual(["401 key_not_found"]);
    }, 20_000);

    test(`${name}, a cold guard says 503 in bounded time, and recovers when it is over`, async (context) => {
      const endpoint = await startEndpoint(context);
      const guard = startGuard(endpoint, patience);
      await turnBad(endpoint, answer);
      const iss = endpoint.origin;
      const genuine = await current.token({ iss });
      const fake = await unpublished.token({ iss });
      const verdicts = await guard.verdicts([genuine, fake, genuine, fake]);
      expect(verdicts).toContain(`503 ${code}`);
      expect(verdicts.every((verdict) => verdict.startsWith("503 "))).toBe(true);
      expect(await guard.verdict(genuine)).toBe("503 backing_off");
      expect(endpoint.asked).toBeLessThanOrEqual(4);

      await turnGood(endpoint, answer);
      endpoint.publish(current.jwk);
      guard.set(300);
      expect(await guard.verdict(genuine)).toBe("accepted");
      expect(await guard.verdict(fake)).toBe("401 key_not_found");
    }, 20_000);
  }
});

test("of 20 MB, no more is read than a set may hold, plus what is in flight", async (context) => {
  const endpoint = await startEndpoint(context);
  const guard = startGuard(endpoint, { maxBytes: 10_000 });
  let sent = 0;
  const isOver = new Promise<void>((resolve) => {
    endpoint.misbehave((request, response) => {
      const chunk = Buffer.alloc(2 ** 16, " ");
      const pour = (): void => {
        while (sent < 20 * 2 ** 20 && !response.destroyed) {
          sent += chunk.length;
          if (!response.write(chunk)) return void response.once("drain", pour);
        }
        response.end();
      };
      request.socket.on("close", () => resolve());
      pour();
    });
  });
  expect(await guard.verdict(await current.token({ iss: endpoint.origin }))).toMatch(/^503 /);
  await isOver;
  expect(sent).toBeLessThan(20 * 2 ** 20);
});
