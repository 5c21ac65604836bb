import { afterEach, describe, expect, test, vi } from "vitest";
import {
  createRemoteKeySet,
  createStaticKeySet,
  createVerifier,
  KeySetError,
  type KeySetFetcher,
  type PosternEvent,
} from "../../src/index.ts";
import { AUDIENCE, apiClaims, createSigner, ISSUER, now, rejection } from "../support/issuer.ts";
import { atOnce } from "../support/story-clock.ts";

const never = new Promise<never>(() => {});

afterEach(() => {
  vi.restoreAllMocks();
  vi.useRealTimers();
});

describe("a promise that dies with the request that made it", () => {
  test("does not block other callers of a static set", async () => {
    const { jwk } = await createSigner();
    const keys = createStaticKeySet({ keys: [jwk] });
    vi.spyOn(crypto.subtle, "importKey").mockReturnValueOnce(never);
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    keys.find({ alg: "RS256" });
    const follower = keys.find({ alg: "RS256" });
    await vi.advanceTimersByTimeAsync(1000);
    expect(await atOnce(follower)).toHaveLength(1);
  });

  test("delays other requests with the same token once, and never again", async () => {
    const signer = await createSigner();
    const options = { issuer: ISSUER, audience: AUDIENCE, keys: { keys: [signer.jwk] }, now };
    const guard = createVerifier({ ...options, verdictCache: false });
    await atOnce(guard.prefetch());
    const token = await signer.token(apiClaims());
    vi.spyOn(crypto.subtle, "verify").mockReturnValueOnce(never);
    guard.verify(token);
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    const follower = guard.verify(token);
    await vi.advanceTimersByTimeAsync(1000);
    vi.useRealTimers();
    await expect(atOnce(follower)).resolves.toBeDefined();
    await expect(atOnce(guard.verify(token))).resolves.toBeDefined();
  });

  test("does not hold a place for ever among the lookups that wait under an unknown kid", async () => {
    const { jwk } = await createSigner();
    let time = 1_700_000_000_000;
    const fetcher = vi.fn(async () => ({ jwks: { keys: [jwk] } }));
    const bounds = { maxParked: 1, cooldownSeconds: 10, timeoutSeconds: 5 };
    const keys = createRemoteKeySet("https://issuer.example/jwks", {
      ...bounds,
      fetcher,
      now: () => time,
    });
    await atOnce(keys.prefetch());
    await atOnce(keys.find({ alg: "RS256", kid: "unknown" }));
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    keys.find({ alg: "RS256", kid: "parked" });
    expect(keys.state.parked).toBe(1);
    // Its timer went with its request, so no timer ends the lookup.
    vi.useRealTimers();
    time += 15_100;
    expect(keys.state.parked).toBe(0);
    expect(await atOnce(keys.find({ alg: "RS256", kid: "unknown" }))).toEqual([]);
  });
});

describe("a refresh whose promise died with its request", () => {
  const url = "https://issuer.example/jwks";
  const dead = (): Promise<never> => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    queueMicrotask(() => vi.clearAllTimers());
    return never;
  };

  test("counts as failed after its time limit, and is not tried again at once", async () => {
    const { jwk } = await createSigner();
    let time = 1_700_000_000_000;
    const fetcher = vi.fn<KeySetFetcher>(async () => ({ jwks: { keys: [jwk] } }));
    const events: PosternEvent[] = [];
    const onEvent = (event: PosternEvent): void => void events.push(event);
    const keys = createRemoteKeySet(url, { fetcher, now: () => time, onEvent });
    await atOnce(keys.prefetch());
    time += 700_000;
    fetcher.mockImplementationOnce(dead);
    const header = { alg: "RS256", kid: "key-1" } as const;
    expect(keys.known(header)).toHaveLength(1);
    await Promise.resolve();
    time += 5_100;
    events.length = 0;
    expect(keys.known(header)).toHaveLength(1);
    expect(events).toMatchObject([{ type: "refresh_failed", code: "fetch_timeout", url }]);
    expect(keys.state).toMatchObject({ failures: 1, lastError: { code: "fetch_timeout", url } });
    expect(fetcher).toHaveBeenCalledTimes(2);
    time += 1_000;
    expect(keys.known(header)).toHaveLength(1);
    expect(fetcher).toHaveBeenCalledTimes(3);
  });

  test("does not count as an answer to a later refresh call", async () => {
    const keys = createRemoteKeySet(url, { fetcher: dead });
    keys.refresh().catch(() => {});
    await Promise.resolve();
    const follower = rejection(keys.refresh());
    await vi.advanceTimersByTimeAsync(5_100);
    expect(await atOnce(follower)).toMatchObject({ code: "backing_off", url });
  });
});

describe("a fault without a caller", () => {
  const url = "https://issuer.example/jwks";

  test("of a clock that throws once ends neither the process nor the wait", async () => {
    const { jwk } = await createSigner();
    const clock = vi.fn(Date.now);
    const fetcher = vi.fn(async () => {
      clock.mockImplementationOnce(() => {
        throw new Error("clock");
      });
      return { jwks: { keys: [jwk] } };
    });
    const events: PosternEvent[] = [];
    const onEvent = (event: PosternEvent): void => void events.push(event);
    const keys = createRemoteKeySet(url, { fetcher, now: () => clock(), onEvent });
    expect(await atOnce(keys.find({ alg: "RS256" }))).toHaveLength(1);
    // While the clock is broken, time stands still.
    const told = events.find(({ type }) => type === "refresh_succeeded");
    expect(told).toMatchObject({ durationSeconds: 0 });
  });

  test("of an error whose fields are no numbers is reported as that error", async () => {
    const retryAfterSeconds = 5n as unknown as number;
    const fetcher = async (): Promise<never> => {
      throw new KeySetError("http_status", { retryAfterSeconds });
    };
    const keys = createRemoteKeySet(url, { fetcher });
    expect(await rejection(atOnce(keys.find({ alg: "RS256" })))).toMatchObject({
      code: "http_status",
    });
  });

  test("of one issuer's keys leaves no promise of another issuer unhandled", async () => {
    const failing = { find: async () => [], prefetch: () => Promise.reject(new Error("later")) };
    const throwing = {
      find: async () => [],
      prefetch(): never {
        throw new Error("at once");
      },
    };
    const guard = createVerifier([
      { issuer: "https://one.example", audience: AUDIENCE, keys: failing },
      { issuer: "https://two.example", audience: AUDIENCE, keys: throwing },
    ]);
    expect(await rejection(atOnce(guard.prefetch()))).toMatchObject({ code: "fetch_failed" });
  });
});
