import { beforeAll, expect, it } from "vitest";
import {
  createRemoteKeySet,
  createVerifier,
  KeySetError,
  type PosternEvent,
  type RemoteKeySet,
} from "../../src/index.ts";
import { withStore } from "../../src/stores/index.ts";
import { Clock, makePair, OpenStore, Origin, type Pair, signToken, URL_OF_SET } from "./support.ts";

const issuer = "https://issuer.example";
const secret = "correct horse battery staple";

let first: Pair;
let second: Pair;

beforeAll(async () => {
  [first, second] = await Promise.all([makePair("first"), makePair("second")]);
});

/** A fleet: one origin, one store, one clock, and as many instances as a test needs. */
class Fleet {
  readonly clock: Clock = new Clock();
  readonly store: OpenStore = new OpenStore();
  readonly origin: Origin = new Origin(() => ({ jwks: { keys: [first.jwk] }, etag: '"1"' }));
  readonly events: PosternEvent[] = [];

  instance(): { keys: RemoteKeySet; verify: (pair: Pair) => Promise<string> } {
    const { now } = this.clock;
    const onEvent = (event: PosternEvent): void => {
      this.events.push(event);
    };
    const fetcher = withStore(this.store, this.origin.fetcher, {
      secret,
      now,
      onEvent,
      timeoutSeconds: 60,
    });
    const keys = createRemoteKeySet(URL_OF_SET, { fetcher, now, onEvent });
    const verifier = createVerifier({ issuer, audience: "app", keys, now });
    const verify = async (pair: Pair): Promise<string> => {
      const iat = now() / 1000;
      const token = await signToken(pair, { iss: issuer, aud: "app", iat, exp: iat + 60 });
      const verdict = await verifier.safeVerify(token);
      return verdict.ok ? "accepted" : verdict.error.code;
    };
    return { keys, verify };
  }
}

it("starts a cold instance from the store while the certs endpoint hangs, and asks the endpoint in the background without a validator", async () => {
  const fleet = new Fleet();
  await fleet.instance().keys.prefetch();
  const fetchedAt = fleet.clock.time;

  // Five minutes later the endpoint hangs, and one more instance starts.
  fleet.clock.forward(300);
  fleet.origin.answer = () => new Promise(() => {});
  const cold = fleet.instance();
  expect(await cold.verify(first)).toBe("accepted");
  expect(cold.keys.state).toMatchObject({ standing: "stale", fetchedAt });

  // In the background it asks the origin without the validator, because it never had that set from
  // the origin.
  const asked = fleet.origin.requests.at(-1);
  expect(fleet.origin.requests).toHaveLength(2);
  expect(asked).toMatchObject({ cold: false });
  expect(asked?.etag).toBeUndefined();
});

it("asks the origin itself on a refresh call, whatever the store holds", async () => {
  const fleet = new Fleet();
  await fleet.instance().keys.prefetch();
  fleet.origin.answer = () => ({ jwks: { keys: [second.jwk] } });

  const cold = fleet.instance();
  await cold.keys.refresh();
  expect(cold.keys.state).toMatchObject({ standing: "fresh", kids: ["second"] });

  fleet.origin.answer = () => Promise.reject(new KeySetError("fetch_failed"));
  await expect(fleet.instance().keys.refresh()).rejects.toMatchObject({ code: "fetch_failed" });
});

it("withdraws in the background a key that the store still held", async () => {
  const fleet = new Fleet();
  await fleet.instance().keys.prefetch();
  fleet.clock.forward(300);
  fleet.origin.answer = () => ({ jwks: { keys: [second.jwk] } });

  const cold = fleet.instance();
  expect(await cold.verify(first)).toBe("accepted");
  await expect.poll(() => cold.keys.state.kids, { timeout: 20_000 }).toEqual(["second"]);
  expect(await cold.verify(second)).toBe("accepted");
  expect(await fleet.instance().verify(second)).toBe("accepted");
  expect(fleet.origin.requests).toHaveLength(3);
});

it("starts during an outage from a set that is hours old, but asks the origin first", async () => {
  const fleet = new Fleet();
  await fleet.instance().keys.prefetch();
  fleet.clock.forward(4 * 3600);
  fleet.origin.answer = () => Promise.reject(new KeySetError("fetch_failed"));

  const cold = fleet.instance();
  expect(await cold.verify(first)).toBe("accepted");
  expect(fleet.origin.requests).toHaveLength(2);
  expect(cold.keys.state).toMatchObject({ standing: "stale", failures: 1 });
});

it("does not start from a set that is too old to be trusted, even when the endpoint is down", async () => {
  const fleet = new Fleet();
  await fleet.instance().keys.prefetch();
  fleet.clock.forward(2 * 86_400);
  fleet.origin.answer = () =>
    Promise.reject(new KeySetError("http_status", { upstreamStatus: 503 }));

  expect(await fleet.instance().verify(first)).toBe("http_status");
});

it("is neither delayed nor misled by a store full of garbage", async () => {
  const fleet = new Fleet();
  await fleet.instance().keys.prefetch();
  fleet.store.edit((document) => Object.assign(document, { keys: [second.jwk] }));

  const cold = fleet.instance();
  expect(await cold.verify(second)).toBe("key_not_found");
  expect(await cold.verify(first)).toBe("accepted");
  expect(fleet.events).toContainEqual({
    type: "store_failed",
    operation: "read",
    reason: "signature does not match",
  });
});

it("never proves by the store that a kid does not exist", async () => {
  const fleet = new Fleet();
  await fleet.instance().keys.prefetch();
  fleet.clock.forward(300);
  fleet.origin.answer = () => ({ jwks: { keys: [first.jwk, second.jwk] } });

  // The store has the first key only; a token under the second waits for the origin's own answer.
  expect(await fleet.instance().verify(second)).toBe("accepted");
});

it("serves two verifiers of one team from one fetcher, during an outage too", async () => {
  const fleet = new Fleet();
  await fleet.instance().keys.prefetch();
  fleet.clock.forward(4 * 3600);
  fleet.origin.answer = () => Promise.reject(new KeySetError("fetch_failed"));

  const { now } = fleet.clock;
  const fetcher = withStore(fleet.store, fleet.origin.fetcher, { secret, now, timeoutSeconds: 60 });
  for (let verifiers = 0; verifiers < 2; verifiers++) {
    const keys = createRemoteKeySet(URL_OF_SET, { fetcher, now });
    expect(await keys.find({ alg: "RS256", kid: "first" })).toHaveLength(1);
  }
});
