import assert from "node:assert/strict";
import { test } from "node:test";
import { COMPATIBILITY_DATES, startIsolate } from "../support/isolate.js";

for (const date of COMPATIBILITY_DATES) {
  test(`${date}: fetch receives no option that the runtime throws at`, async (t) => {
    const { request } = await startIsolate(t, date);
    assert.equal((await request("/").answer).status, 200);
    const [init] = JSON.parse((await request("/inits").answer).body);
    const refused = [];
    for (const option of ["credentials", "cache", "redirect"]) {
      const { body } = await request(`/refuses?option=${option}`).answer;
      if (JSON.parse(body)) refused.push(option);
    }
    t.diagnostic(`refused here: ${refused.join(", ") || "none"}; handed: ${init.join(", ")}`);
    assert.ok(init.includes("redirect"));
    assert.deepEqual(
      init.filter((option) => refused.includes(option)),
      [],
    );
  });

  test(`${date}: a redirect of the certs endpoint is refused and not followed`, async (t) => {
    const { certs, request } = await startIsolate(t, date);
    certs.redirect("/elsewhere");
    const { status, body } = await request("/").answer;
    assert.deepEqual({ status, body }, { status: 503, body: "redirected" });
    assert.ok(certs.fetches.every(({ path }) => path === "/cdn-cgi/access/certs"));
  });
}
