import { expect, test } from "vitest";
import { tellModelStory } from "../../support/model-story.ts";
import { publicJwk } from "../../support/public-jwk.ts";
import { startClock, until } from "../../support/story-clock.ts";

const A = publicJwk("A");

test("a trace that the model prints can be replayed in a test", async () => {
  const clock = startClock();
  const { keys, find, fetches, abort, outcomes } = tellModelStory(clock, {
    cooldownSeconds: 10,
    maxParked: 1,
  });
  find(keys, "A");
  fetches(keys)[0]?.resolve({ jwks: { keys: [A] }, etag: '"0"' });
  await until(() => outcomes[0] === 1);
  find(keys, "A"); // The key is known now, and no lookup waits.
  find(keys, "X");
  find(keys, "X", -120_001);
  await clock.elapse(4.999);
  abort(2);
  await clock.elapse(0);
  expect(outcomes).toEqual([1, "fetch_failed", 0]);
  expect(fetches(keys)).toHaveLength(2);
});
