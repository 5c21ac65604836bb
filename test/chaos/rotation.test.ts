import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { NOW } from "../support/issuer.ts";
import { createSigningKey } from "../support/signing-key.ts";
import { startEndpoint } from "./support/endpoint.ts";
import { startGuard } from "./support/guard.ts";

const [current, next, changed] = await Promise.all([
  createSigningKey("current"),
  createSigningKey("next"),
  createSigningKey("current"),
]);
const HOUR = 3600;
const DAY = 86_400;

beforeAll(() => {
  // A team on this machine, one origin for every guard.
  vi.spyOn(console, "warn").mockReturnValue();
});
afterAll(() => {
  vi.restoreAllMocks();
});

describe.concurrent("over real HTTP", () => {
  test("withdrawn keys refuse their tokens, also remembered ones", async (context) => {
    const endpoint = await startEndpoint(context);
    endpoint.publish(current.jwk, next.jwk);
    const guard = startGuard(endpoint);
    const iss = endpoint.origin;
    const [token, other] = [await current.token({ iss }), await next.token({ iss })];
    expect(await guard.verdicts([token, other])).toEqual(["accepted"]);

    endpoint.publish(next.jwk);
    guard.set(1200);
    expect(await guard.verdict(token)).toBe("401 key_not_found");
    expect(await guard.verdict(other)).toBe("accepted");
    expect(endpoint.asked).toBe(2);
  });

  test("new material under the same kid refuses the old tokens and accepts the new", async (context) => {
    const endpoint = await startEndpoint(context);
    endpoint.publish(current.jwk);
    const guard = startGuard(endpoint);
    const iss = endpoint.origin;
    const [token, other] = [await current.token({ iss }), await changed.token({ iss })];
    expect(await guard.verdict(token)).toBe("accepted");

    endpoint.publish(changed.jwk);
    guard.set(1200);
    expect(await guard.verdict(other)).toBe("accepted");
    expect(await guard.verdict(token)).toBe("401 signature_invalid");
  });

  test("two keys under one kid both verify", async (context) => {
    const endpoint = await startEndpoint(context);
    endpoint.publish(changed.jwk, current.jwk, current.jwk);
    const guard = startGuard(endpoint);
    const iss = endpoint.origin;
    const tokens = [await current.token({ iss }), await changed.token({ iss })];
    expect(await guard.verdicts(tokens)).toEqual(["accepted"]);
    const fake = await next.token({ iss }, { kid: "current" });
    expect(await guard.verdict(fake)).toBe("401 signature_invalid");
  });

  test("an empty set in between refuses no token", async (context) => {
    const endpoint = await startEndpoint(context);
    endpoint.publish(current.jwk);
    const guard = startGuard(endpoint);
    const token = await current.token({ iss: endpoint.origin });
    expect(await guard.verdict(token)).toBe("accepted");
    endpoint.publish();
    for (let turn = 0; turn < 5; turn++) {
      guard.set(HOUR);
      expect(await guard.verdict(token)).toBe("accepted");
    }
    expect(endpoint.asked).toBeLessThanOrEqual(6);
  });

  test("a clock set back an hour and forward a day refuses no token", async (context) => {
    const endpoint = await startEndpoint(context);
    endpoint.publish(current.jwk);
    const guard = startGuard(endpoint);
    const iat = NOW - 10 * DAY;
    const iss = endpoint.origin;
    const token = await current.token({ iss, iat, nbf: iat, exp: iat + 40 * DAY });
    for (const seconds of [0, -HOUR, DAY, -DAY, HOUR, 2 * DAY, -2 * DAY]) {
      guard.set(seconds);
      expect(await guard.verdict(token)).toBe("accepted");
    }
    expect(endpoint.asked).toBeLessThanOrEqual(7);
  });

  test("a clock set forward a day during an outage refuses no token", async (context) => {
    const endpoint = await startEndpoint(context);
    endpoint.publish(current.jwk);
    const guard = startGuard(endpoint);
    const token = await current.token({ iss: endpoint.origin });
    expect(await guard.verdict(token)).toBe("accepted");
    await endpoint.goDown();
    guard.set(DAY);
    expect(await guard.verdict(token)).toBe("accepted");
  });

  test("tokens of a thousand unknown keys during an outage delay no token of a known key", async (context) => {
    const endpoint = await startEndpoint(context);
    endpoint.publish(current.jwk);
    const guard = startGuard(endpoint, { timeoutSeconds: 0.5 });
    const iss = endpoint.origin;
    const token = await current.token({ iss });
    expect(await guard.verdict(token)).toBe("accepted");
    endpoint.misbehave(() => {});
    const flood: Promise<string>[] = [];
    for (let n = 0; n < 1000; n++) {
      flood.push(guard.verdict(await next.token({ iss }, { kid: `unknown-${n}` })));
      if (n % 100 === 0) expect(await guard.verdict(token)).toBe("accepted");
    }
    const verdicts = new Set(await Promise.all(flood));
    expect([...verdicts].every((verdict) => verdict.startsWith("503 "))).toBe(true);
    expect(endpoint.asked).toBeLessThanOrEqual(10);
  }, 20_000);
});
