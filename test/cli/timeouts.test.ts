import { afterEach, describe, expect, it, vi } from "vitest";
import type { FetchLike } from "../../src/http/bounded-fetch.ts";
import { postern } from "./fake-terminal.ts";
import { AUD, signed } from "./fixtures.ts";

// Making an RSA key has no time limit.
vi.setConfig({ testTimeout: 60_000 });
afterEach(() => {
  vi.useRealTimers();
});

const never = new Promise<never>(() => {});
const token = await signed();

/** Endpoints that do not answer in time. */
const ENDPOINTS: readonly [name: string, fetch: FetchLike][] = [
  ["never answers", () => never],
  [
    "never answers, and fetch ends with the signal",
    (_, { signal }) =>
      new Promise((_, reject) => {
        signal.addEventListener("abort", () => reject(signal.reason));
      }),
  ],
];

/** The headers come at once. */
const STALLED: FetchLike = async () => ({
  status: 200,
  headers: new Headers(),
  body: new ReadableStream({ pull: () => never }),
  text: () => never,
});

const KEYS: readonly (readonly string[])[] = [
  ["keys", "acme"],
  ["keys", "https://keys.example/jwks"],
  ["pem", "acme"],
  ["verify", "--team", "acme", "--aud", AUD, token],
];

async function inTime(argv: readonly string[], fetch: FetchLike) {
  vi.useFakeTimers();
  const said = postern(argv, { fetch });
  let isDone = false;
  said.finally(() => {
    isDone = true;
  });
  await vi.advanceTimersByTimeAsync(9_900);
  expect(isDone).toBe(false);
  await vi.advanceTimersByTimeAsync(200);
  expect(isDone).toBe(true);
  return said;
}

describe("an endpoint that is too slow is called so, after ten seconds", () => {
  const cases = [
    ...[...KEYS, ["token", "--from", "http://127.0.0.1:8788"]].flatMap((argv) =>
      ENDPOINTS.map(([name, fetch]) => [argv, name, fetch] as const),
    ),
    ...KEYS.map((argv) => [argv, "begins an answer that does not end", STALLED] as const),
  ];

  it.each(
    cases.map(([argv, name, fetch]) => [argv.slice(0, 3).join(" "), name, argv, fetch] as const),
  )("by postern %s: it %s", async (_, __, argv, fetch) => {
    const { code, out, err } = await inTime(argv, fetch);
    expect(code).toBe(3);
    expect(out + err).toContain("fetch_timeout");
  });
});
