import { describe, expect, it } from "vitest";
import type { FetchLike } from "../../src/http/bounded-fetch.ts";
import { AUD, bearing, guard, OTHER_AUD, team } from "./support.ts";

const issuer = await team();
const here = bearing(await issuer.userToken({ aud: [AUD], email: "ada@acme.com" }));
const there = bearing(await issuer.userToken({ aud: [OTHER_AUD], email: "ada@acme.com" }));

/** A promise, and what settles it. */
function gate(): { opened: Promise<void>; open: () => void; fail: (error: Error) => void } {
  let open = (): void => {};
  let fail = (_error: Error): void => {};
  const opened = new Promise<void>((resolve, reject) => {
    open = resolve;
    fail = reject;
  });
  return { opened, open, fail };
}

describe("two reloads at the same time", () => {
  it.each(["arrive", "fail"])(
    "end with the later configuration, when the keys of the earlier one %s late",
    async (end) => {
      const late = gate();
      const slow: FetchLike = async (url) => {
        await late.opened;
        return issuer.fetch(url);
      };
      const { url, reload } = await guard();
      const status = async (headers: Record<string, string>): Promise<number> =>
        (await fetch(url, { headers })).status;
      const reloads = [
        reload({ team: "acme", audience: AUD, fetch: slow }),
        reload({ team: "acme", audience: OTHER_AUD, fetch: issuer.fetch }),
      ];
      await reloads[1];
      expect([await status(here), await status(there)]).toEqual([401, 200]);
      if (end === "arrive") late.open();
      else late.fail(new Error("down"));
      await Promise.all(reloads);
      expect([await status(here), await status(there)]).toEqual([401, 200]);
    },
  );

  it("do not hinder each other when one is wrong", async () => {
    const { url, reload } = await guard();
    const options = { team: "acme", fetch: issuer.fetch };
    const wrong = { ...options, audience: AUD, target: "http://127.0.0.1:1" };
    const reloads = [wrong, { ...options, audience: OTHER_AUD }, wrong].map((each) => reload(each));
    const ended = await Promise.allSettled(reloads);
    expect(ended.map(({ status }) => status)).toEqual(["rejected", "fulfilled", "rejected"]);
    expect((await fetch(url, { headers: there })).status).toBe(200);
  });
});
