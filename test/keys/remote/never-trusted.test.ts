import { expect, test, vi } from "vitest";
import { createRemoteKeySet } from "../../../src/index.ts";
import { createSigner } from "../../support/issuer.ts";
import { atOnce } from "../../support/story-clock.ts";

const HOUR = 3_600_000;

test.each([
  { maxAgeSeconds: 0, staleWhileRevalidateSeconds: 0 },
  { maxAgeSeconds: 0, staleIfErrorSeconds: 0 },
])("a set that is never trusted for long is fetched once per lookup: %j", async (options) => {
  const { jwk } = await createSigner();
  const fetcher = vi.fn(async () => ({ jwks: { keys: [jwk] } }));
  const keys = createRemoteKeySet("https://issuer.example/jwks", { ...options, fetcher });
  expect(await atOnce(keys.find({ alg: "RS256", kid: jwk.kid }))).toHaveLength(1);
  expect(fetcher).toHaveBeenCalledTimes(1);
});

test("a set that left its origin too long ago is refused, and not fetched without end", async () => {
  const { jwk } = await createSigner();
  const fetcher = vi.fn(async () => ({ jwks: { keys: [jwk] }, fetchedAt: Date.now() - 48 * HOUR }));
  const keys = createRemoteKeySet("https://issuer.example/jwks", { fetcher });
  await expect(atOnce(keys.find({ alg: "RS256", kid: jwk.kid }))).rejects.toMatchObject({
    status: 503,
  });
  expect(fetcher.mock.calls.length).toBeLessThanOrEqual(4);
});
