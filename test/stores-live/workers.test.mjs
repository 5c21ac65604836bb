import assert from "node:assert/strict";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, afterEach, beforeEach, describe, it } from "node:test";
import { fileURLToPath } from "node:url";
import { Miniflare } from "miniflare";
import { SECRET, until } from "./instance.mjs";
import { startIssuer } from "./issuer.mjs";

const source = (path) => readFile(fileURLToPath(new URL(path, import.meta.url)), "utf8");
const modules = await Promise.all(
  [
    ["worker.mjs", "worker.mjs"],
    ["postern/index.js", "../../dist/index.js"],
    ["postern/stores.js", "../../dist/stores.js"],
  ].map(async ([path, file]) => ({ type: "ESModule", path, contents: await source(file) })),
);

/** A separate isolate, over the storage that all isolates of a folder share. */
function startIsolate(issuer, folder, store, bindings = {}) {
  const isolate = new Miniflare({
    modules,
    modulesRoot: "/",
    compatibilityDate: "2026-04-01",
    kvNamespaces: ["KEYS"],
    kvPersist: join(folder, "kv"),
    cachePersist: join(folder, "cache"),
    bindings: {
      STORE: store,
      SECRET,
      CERTS_URL: issuer.certsUrl,
      ISSUER: issuer.origin,
      ...bindings,
    },
  });
  return {
    async verify(token) {
      const headers = { authorization: `Bearer ${token}` };
      const response = await isolate.dispatchFetch("http://app.example/", { headers });
      return response.text();
    },
    async faults() {
      const response = await isolate.dispatchFetch("http://app.example/events");
      return (await response.json()).filter(({ type }) => type === "store_failed");
    },
    async stored() {
      return (await isolate.dispatchFetch("http://app.example/stored")).text();
    },
    async kv() {
      const namespace = await isolate.getKVNamespace("KEYS");
      const { keys } = await namespace.list();
      return { namespace, key: keys[0]?.name, expiration: keys[0]?.expiration };
    },
    stop: () => isolate.dispose(),
  };
}

const stores = { kv: "Workers KV", cache: "the Cache API" };

for (const [store, name] of Object.entries(stores)) {
  describe(`${name} in workerd`, () => {
    let folder;
    let issuer;
    let isolates;

    const start = (bindings) => {
      const isolate = startIsolate(issuer, folder, store, bindings);
      isolates.push(isolate);
      return isolate;
    };

    const stop = async (isolate) => {
      isolates.splice(isolates.indexOf(isolate), 1);
      await isolate.stop();
    };

    beforeEach(async () => {
      folder = await mkdtemp(join(tmpdir(), "postern-workers-"));
      issuer = await startIssuer();
      isolates = [];
    });

    afterEach(async () => {
      await Promise.all(isolates.map((isolate) => isolate.stop()));
      await issuer.close();
      await rm(folder, { recursive: true });
    });

    it("starts a cold isolate while the certs endpoint hangs, and asks it in the background without a validator", async () => {
      const first = start();
      assert.equal(await first.verify(await issuer.token()), "accepted");
      assert.deepEqual(await first.faults(), []);
      await stop(first);
      issuer.turn("hang");

      const cold = start();
      assert.equal(await cold.verify(await issuer.token()), "accepted");
      await until(() => issuer.requests.length === 2, "the revalidation");
      assert.equal(issuer.requests[1].ifNoneMatch, undefined);
    });

    it("keeps the write alive when it is passed to waitUntil", async () => {
      const first = start({ HAND_OVER: "yes" });
      assert.equal(await first.verify(await issuer.token()), "accepted");
      await until(async () => (await first.stored()) !== "", "the writing");
      await stop(first);
      issuer.turn("fail");
      assert.equal(await start().verify(await issuer.token()), "accepted");
    });

    it("answers many requests of a cold isolate during an outage", async () => {
      const first = start();
      await first.verify(await issuer.token());
      await stop(first);
      issuer.turn("fail");

      const cold = start();
      const token = await issuer.token();
      const verdicts = await Promise.all(Array.from({ length: 50 }, () => cold.verify(token)));
      assert.deepEqual(new Set(verdicts), new Set(["accepted"]));
    });

    it("trusts no instance with another secret", async () => {
      const first = start({ SECRET: "another secret of enough length" });
      await first.verify(await issuer.token());
      await stop(first);

      const cold = start();
      assert.equal(await cold.verify(await issuer.token()), "accepted");
      assert.deepEqual(await cold.faults(), [
        { type: "store_failed", operation: "read", reason: "signature does not match" },
      ]);
      assert.equal(issuer.requests.length, 2);
    });
  });
}

describe("Workers KV", () => {
  it("expires its texts, and counts garbage as a miss", async () => {
    const folder = await mkdtemp(join(tmpdir(), "postern-workers-"));
    const issuer = await startIssuer();
    const first = startIsolate(issuer, folder, "kv");
    after(() => rm(folder, { recursive: true }));
    try {
      await first.verify(await issuer.token());
      const { namespace, key, expiration } = await first.kv();
      const left = expiration - Date.now() / 1000;
      assert.ok(left > 89_000 && left <= 90_001, `expires in ${left} s`);

      await namespace.put(key, "truncat");
      const cold = startIsolate(issuer, folder, "kv");
      try {
        assert.equal(await cold.verify(await issuer.token()), "accepted");
        assert.match((await cold.faults())[0].reason, /not a stored key set/);
      } finally {
        await cold.stop();
      }
    } finally {
      await first.stop();
      await issuer.close();
    }
  });
});
