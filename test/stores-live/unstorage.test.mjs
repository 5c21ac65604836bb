import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, afterEach, beforeEach, describe, it } from "node:test";
import { createStorage, prefixStorage } from "unstorage";
import fsDriver from "unstorage/drivers/fs-lite";
import memoryDriver from "unstorage/drivers/memory";
import { unstorage } from "../../dist/stores.js";
import { startInstance, until } from "./instance.mjs";
import { startIssuer } from "./issuer.mjs";

const folder = await mkdtemp(join(tmpdir(), "postern-unstorage-"));
after(() => rm(folder, { recursive: true }));

const storages = {
  "its memory driver": () => createStorage({ driver: memoryDriver() }),
  "its file system driver": () => createStorage({ driver: fsDriver({ base: folder }) }),
  "a prefix": () => prefixStorage(createStorage({ driver: memoryDriver() }), "keys"),
};

for (const [name, open] of Object.entries(storages)) {
  describe(`unstorage with ${name}`, () => {
    let issuer;
    let storage;

    beforeEach(async () => {
      issuer = await startIssuer();
      storage = open();
      await storage.clear();
    });

    afterEach(() => issuer.close());

    it("starts a cold instance while the certs endpoint hangs, and asks it in the background without a validator", async () => {
      const first = startInstance(issuer, unstorage(storage));
      assert.equal(await first.verify(await issuer.token()), "accepted");
      issuer.turn("hang");

      const cold = startInstance(issuer, unstorage(storage));
      assert.equal(await cold.verify(await issuer.token()), "accepted");
      await until(() => issuer.requests.length === 2, "the revalidation");
      assert.equal(issuer.requests[1].ifNoneMatch, undefined);
      assert.deepEqual([...first.faults(), ...cold.faults()], []);
    });

    it("starts during an outage, without a secret too", async () => {
      const unsigned = { isSigned: false };
      await startInstance(issuer, unstorage(storage), unsigned).verify(await issuer.token());
      issuer.turn("fail");
      const cold = startInstance(issuer, unstorage(storage), unsigned);
      assert.equal(await cold.verify(await issuer.token()), "accepted");
    });

    it("counts garbage as a miss", async () => {
      await startInstance(issuer, unstorage(storage)).verify(await issuer.token());
      const [key] = await storage.getKeys();
      for (const nonsense of [{ keys: [] }, 7, true, "<html>"]) {
        await storage.setItem(key, nonsense);
        const cold = startInstance(issuer, unstorage(storage));
        assert.equal(await cold.verify(await issuer.token()), "accepted");
        assert.match(cold.faults()[0], /^read: not /);
      }
    });
  });
}
