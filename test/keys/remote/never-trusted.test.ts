import { expect, test, vi } from "vitest";
import { beginStory, under } from "../../support/key-set-story.ts";
import { publicJwk } from "../../support/public-jwk.ts";
import { atOnce } from "../../support/story-clock.ts";

const HOUR = 3_600_000;
const jwks = { keys: [publicJwk("first")] };

test.each([
  { maxAgeSeconds: 0, staleWhileRevalidateSeconds: 0 },
  { maxAgeSeconds: 0, staleIfErrorSeconds: 0 },
])("a set that is never trusted for long is fetched once per lookup: %j", async (options) => {
  const fetcher = vi.fn(async () => ({ jwks }));
  const { keys } = beginStory({ ...options, fetcher });
  expect(await atOnce(keys.find(under("first")))).toHaveLength(1);
  expect(fetcher).toHaveBeenCalledTimes(1);
});

test("a set that left its origin too long ago is refused, and not fetched without end", async () => {
  const fetcher = vi.fn(async () => ({ jwks, fetchedAt: Date.now() - 48 * HOUR }));
  const { clock, keys } = beginStory({ fetcher });
  const found = keys.find(under("first"));
  found.catch(() => {});
  await clock.elapse(1);
  await expect(atOnce(found)).rejects.toMatchObject({ status: 503 });
  expect(fetcher.mock.calls.length).toBeLessThanOrEqual(4);
});
