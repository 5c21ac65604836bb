import assert from "node:assert/strict";
import { after, before, beforeEach, describe, it } from "node:test";
import { Redis } from "ioredis";
import { ioredis, nodeRedis } from "../../dist/stores.js";
import { startInstance, until } from "./instance.mjs";
import { startIssuer } from "./issuer.mjs";
import { connect, startRedis } from "./redis-server.mjs";

const clients = {
  "node-redis": async (url) => {
    const client = await connect(url);
    return { store: nodeRedis(client), close: () => client.destroy() };
  },
  ioredis: async (url) => {
    const client = new Redis(url);
    client.on("error", () => {});
    return { store: ioredis(client), close: () => client.disconnect() };
  },
};

for (const [name, open] of Object.entries(clients)) {
  describe(`Redis through ${name}`, () => {
    let redis;
    let behind;
    let client;
    let issuer;

    before(async () => {
      redis = await startRedis();
      behind = await connect(redis.url);
      client = await open(redis.url);
    });

    after(async () => {
      client.close();
      behind.destroy();
      await redis.stop();
      await issuer.close();
    });

    beforeEach(async () => {
      await issuer?.close();
      issuer = await startIssuer();
      await behind.flushAll();
    });

    const theKey = async () => (await behind.keys("*"))[0];

    it("starts a cold instance while the certs endpoint hangs, and asks it in the background without a validator", async () => {
      assert.equal(
        await startInstance(issuer, client.store).verify(await issuer.token()),
        "accepted",
      );
      issuer.turn("hang");

      const cold = startInstance(issuer, client.store);
      assert.equal(await cold.verify(await issuer.token()), "accepted");
      assert.equal(cold.keys.state.standing, "stale");

      await until(() => issuer.requests.length === 2, "the revalidation");
      assert.equal(issuer.requests[1].ifNoneMatch, undefined);
      assert.deepEqual(cold.faults(), []);
    });

    it("refuses a withdrawn key as soon as the origin has answered", async () => {
      const token = await issuer.token();
      await startInstance(issuer, client.store).verify(token);
      await issuer.rotate("second");

      const cold = startInstance(issuer, client.store);
      assert.equal(await cold.verify(token), "accepted");
      await until(() => cold.keys.state.kids.includes("second"), "the new key");
      const text = await behind.get(await theKey());
      assert.match(text, /"second"/);
    });

    it("keeps a set no longer than it is valid", async () => {
      await startInstance(issuer, client.store).verify(await issuer.token());
      const ttl = await behind.ttl(await theKey());
      assert.ok(ttl > 89_000 && ttl <= 90_000, `ttl ${ttl}`);
    });

    it("never lets a late write replace one that came in between", async () => {
      await startInstance(issuer, client.store).verify(await issuer.token());
      const key = await theKey();
      const old = await behind.get(key);
      await behind.set(key, "something newer");
      const write = { ttlSeconds: 60, previous: old };
      assert.equal(await client.store.set(key, old, write), false);
      assert.equal(
        await client.store.set(key, old, { ttlSeconds: 60, previous: undefined }),
        false,
      );
      assert.equal(await behind.get(key), "something newer");
      assert.equal(
        await client.store.set(key, old, { ttlSeconds: 60, previous: "something newer" }),
        true,
      );
    });

    it("counts garbage as a miss, and repairs it", async () => {
      await startInstance(issuer, client.store).verify(await issuer.token());
      const key = await theKey();
      const genuine = await behind.get(key);
      const nonsense = [
        ["truncated", genuine.slice(0, 200), "signature does not match"],
        [
          "unsigned",
          genuine.replace(/^postern1\.[\w-]*\./, "postern1.."),
          "signature does not match",
        ],
        ["not ours", JSON.stringify({ keys: [] }), "not a stored key set"],
        ["too much", "x".repeat(300_000), "too large"],
      ];
      for (const [what, text, reason] of nonsense) {
        await behind.set(key, text);
        const cold = startInstance(issuer, client.store);
        assert.equal(await cold.verify(await issuer.token()), "accepted", what);
        assert.deepEqual(cold.faults(), [`read: ${reason}`], what);
        await until(async () => (await behind.get(key)) !== text, "the next writing");
      }
    });

    it("verifies even when the key in Redis is of another type", async () => {
      await startInstance(issuer, client.store).verify(await issuer.token());
      const key = await theKey();
      await behind.del(key);
      await behind.lPush(key, "an item");
      const cold = startInstance(issuer, client.store);
      assert.equal(await cold.verify(await issuer.token()), "accepted");
      assert.match(cold.faults()[0], /^read: threw /);
    });

    it("verifies while Redis is frozen", async () => {
      redis.freeze();
      try {
        const cold = startInstance(issuer, client.store, { timeoutSeconds: 0.2 });
        assert.equal(await cold.verify(await issuer.token()), "accepted");
        assert.equal(cold.faults()[0], "read: timed out");
      } finally {
        redis.thaw();
      }
    });

    it("verifies when Redis has died", async () => {
      await redis.stop();
      const cold = startInstance(issuer, client.store, { timeoutSeconds: 0.2 });
      assert.equal(await cold.verify(await issuer.token()), "accepted");
      assert.match(cold.faults()[0], /^read: (?:timed out|threw )/);
    });
  });
}
