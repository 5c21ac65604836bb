import { execFile } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { promisify } from "node:util";
import { build } from "esbuild";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createRemoteKeySet } from "../../../src/index.ts";
import { beginStory, under } from "../../support/key-set-story.ts";
import { publicJwk } from "../../support/public-jwk.ts";
import { atOnce, startClock, until } from "../../support/story-clock.ts";

const first = publicJwk("first");

describe("an idle key set", () => {
  test("has no timer before its first use", () => {
    const clock = startClock();
    createRemoteKeySet("https://issuer.example/jwks");
    expect(clock.timers).toBe(0);
  });

  test("has no timer left after a fetch, a background refresh, a failure or a parked token", async () => {
    const { clock, origin, keys } = beginStory();
    origin.publish(first);
    await atOnce(keys.prefetch());
    expect(clock.timers).toBe(0);

    await clock.elapse(600);
    keys.known(under("first"));
    await until(() => keys.state.standing === "fresh");
    expect(clock.timers).toBe(0);

    origin.failOnce();
    await expect(atOnce(keys.refresh())).rejects.toMatchObject({ code: "fetch_failed" });
    expect(clock.timers).toBe(0);

    await clock.elapse(1);
    await atOnce(keys.find(under("unknown")));
    const parked = keys.find(under("unknown"));
    expect(clock.timers).toBe(1);
    await clock.elapse(10);
    await atOnce(parked);
    expect(clock.timers).toBe(0);
  });

  test("has no timer left when its callers have given up", async () => {
    const { clock, origin, keys } = beginStory();
    origin.publish(first);
    await atOnce(keys.prefetch());
    await atOnce(keys.find(under("unknown")));
    const caller = new AbortController();
    const parked = keys.find(under("unknown"), { signal: caller.signal });
    caller.abort();
    await expect(atOnce(parked)).rejects.toMatchObject({ code: "fetch_failed" });
    expect(clock.timers).toBe(0);
  });
});

describe("a process", () => {
  const server = createServer((_request, response) => {
    response.end(JSON.stringify({ keys: [first] }));
  });
  let folder = "";
  let library = "";

  beforeAll(async () => {
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const entry = fileURLToPath(new URL("../../../src/index.ts", import.meta.url));
    folder = await mkdtemp(join(tmpdir(), "postern-idle-"));
    const outfile = join(folder, "postern.mjs");
    await build({ entryPoints: [entry], bundle: true, format: "esm", outfile });
    library = pathToFileURL(outfile).href;
  });

  afterAll(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
    await rm(folder, { recursive: true });
  });

  for (const [what, use] of [
    ["has its keys", "await keys.prefetch();"],
    [
      "has started a refresh in the background",
      "await keys.prefetch(); ahead = 700_000; keys.known({});",
    ],
    ["has met a failure", "path = '/\\0'; await keys.refresh().catch(() => {});"],
  ]) {
    test(`exits by itself when a key set in it ${what}`, async () => {
      const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/certs`;
      const script = `
        import { createRemoteKeySet } from ${JSON.stringify(library)};
        let ahead = 0;
        let path = "/certs";
        const keys = createRemoteKeySet(${JSON.stringify(url)}, {
          now: () => Date.now() + ahead,
          fetch: (url, init) => path === "/certs" ? fetch(url, init) : Promise.reject(new Error(path)),
        });
        ${use}
        console.log(keys.state.kids.length + keys.state.failures);`;
      // A process that does not exit is killed, and then this rejects.
      const { stdout } = await promisify(execFile)(
        process.execPath,
        ["--input-type=module", "--eval", script],
        { timeout: 20_000 },
      );
      expect(stdout.trim()).toBe("1");
    }, 30_000);
  }
});
