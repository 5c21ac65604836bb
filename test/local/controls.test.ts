import { afterEach, beforeAll, describe, expect, it } from "vitest";
import { createVerifier, type JwkSet } from "../../src/index.ts";
import type { LocalAccess } from "../../src/local/index.ts";
import { control, logIn, startApplication, startEmulator } from "./support.ts";

let access: LocalAccess;
beforeAll(async () => {
  access = await startEmulator((await startApplication()).url);
});
afterEach(async () => {
  await control(access, "clock", { skewSeconds: "0" });
});

async function published(access: LocalAccess): Promise<(string | undefined)[]> {
  const answer = await fetch(`${access.url}/cdn-cgi/access/certs`);
  return ((await answer.json()) as JwkSet).keys.map(({ kid }) => kid).sort();
}

/** Whether the edge still accepts a token. */
async function isLoggedIn(access: LocalAccess, token: string): Promise<boolean> {
  const headers = { cookie: `CF_Authorization=${token}` };
  return (await fetch(access.url, { headers, redirect: "manual" })).status === 200;
}

function kidOf(token: string): string {
  return JSON.parse(Buffer.from(token.split(".")[0] ?? "", "base64url").toString()).kid;
}

describe("a rotation", () => {
  it("makes a new current key and keeps the previous one until the next rotation", async () => {
    const first = await control(access, "");
    const old = await logIn(access);
    expect(kidOf(old)).toBe(first.keys[0]?.kid);

    const second = await control(access, "rotate");
    expect(second.keys[1]).toEqual({ kid: kidOf(old), current: false });
    expect(await published(access)).toEqual(second.keys.map(({ kid }) => kid).sort());
    const young = await logIn(access);
    expect(kidOf(young)).toBe(second.keys[0]?.kid);
    expect([await isLoggedIn(access, old), await isLoggedIn(access, young)]).toEqual([true, true]);

    const third = await control(access, "rotate");
    expect(third.keys.map(({ kid }) => kid)).not.toContain(kidOf(old));
    expect([await isLoggedIn(access, old), await isLoggedIn(access, young)]).toEqual([false, true]);
  });

  it("is followed by a guard at the first token under the new key", async () => {
    const verifier = createVerifier({ team: access.issuer, audience: access.audience });
    const old = await logIn(access);
    await verifier.verify(old);
    await control(access, "rotate");
    await verifier.verify(await logIn(access));
    await verifier.verify(old);
  });

  it("gives a service a token under the new key at once", async () => {
    const { clientId, clientSecret } = access.serviceToken;
    const kid = async (): Promise<string> => {
      const headers = { "CF-Access-Client-Id": clientId, "CF-Access-Client-Secret": clientSecret };
      const answer = await fetch(access.url, { headers });
      const { headers: seen } = (await answer.json()) as { headers: Record<string, string> };
      return kidOf(seen["cf-access-jwt-assertion"] ?? "");
    };
    const before = await kid();
    const { keys } = await control(access, "rotate");
    expect(await kid()).toBe(keys[0]?.kid);
    expect(await kid()).not.toBe(before);
  });

  it("puts the current key first and last in turn", async () => {
    const places = new Set<number>();
    for (let times = 0; times < 2; times++) {
      const { keys } = await control(access, "rotate");
      const answer = await fetch(`${access.url}/cdn-cgi/access/certs`);
      const set = (await answer.json()) as JwkSet;
      places.add(set.keys.findIndex(({ kid }) => kid === keys[0]?.kid));
    }
    expect([...places].sort()).toEqual([0, 1]);
  });

  it("waits for its turn when several come at once", async () => {
    const before = await control(access, "");
    await Promise.all([control(access, "rotate"), control(access, "rotate")]);
    const after = await control(access, "");
    expect(after.keys).toHaveLength(2);
    for (const { kid } of before.keys) expect(after.keys.map((key) => key.kid)).not.toContain(kid);
  });
});

describe("a withdrawal", () => {
  it("removes a key at once, with all tokens that it has signed", async () => {
    const old = await logIn(access);
    await control(access, "rotate");
    const { keys } = await control(access, "withdraw", { kid: kidOf(old) });
    expect(keys).toHaveLength(1);
    expect(await published(access)).toEqual([keys[0]?.kid]);
    expect(await isLoggedIn(access, old)).toBe(false);
    const verifier = createVerifier({ team: access.issuer, audience: access.audience });
    await expect(verifier.verify(old)).rejects.toMatchObject({ code: "key_not_found" });
  });

  it("puts a new key in the place of the current one", async () => {
    const token = await logIn(access);
    const { keys } = await control(access, "withdraw", { kid: kidOf(token) });
    expect(keys.filter(({ current }) => current)).toHaveLength(1);
    expect(keys.map(({ kid }) => kid)).not.toContain(kidOf(token));
    expect(kidOf(await logIn(access))).toBe(keys[0]?.kid);
  });

  it("refuses an unknown key", async () => {
    const before = await published(access);
    await expect(control(access, "withdraw", { kid: "unknown" })).rejects.toThrow("400");
    await expect(control(access, "withdraw")).rejects.toThrow("400");
    expect(await published(access)).toEqual(before);
  });
});

describe("an outage", () => {
  it("silences certs and identity, and nothing else, until it is over", async () => {
    const token = await logIn(access);
    const status = async (path: string): Promise<number> =>
      (await fetch(`${access.url}${path}`, { headers: { cookie: `CF_Authorization=${token}` } }))
        .status;
    expect((await control(access, "outage", { outage: "on" })).outage).toBe(true);
    expect(await status("/cdn-cgi/access/certs")).toBe(503);
    expect(await status("/cdn-cgi/access/get-identity")).toBe(503);
    expect(await isLoggedIn(access, token)).toBe(true);
    await logIn(access);
    expect((await control(access, "outage", { outage: "off" })).outage).toBe(false);
    expect(await status("/cdn-cgi/access/certs")).toBe(200);
    expect(await status("/cdn-cgi/access/get-identity")).toBe(200);
    await expect(control(access, "outage", { outage: "yes" })).rejects.toThrow("400");
  });
});

describe("the clock", () => {
  it("dates new tokens, so that a guard sees one from its future", async () => {
    const verifier = createVerifier({ team: access.issuer, audience: access.audience });
    expect((await control(access, "clock", { skewSeconds: "600" })).clockSkewSeconds).toBe(600);
    const early = await logIn(access);
    await expect(verifier.verify(early)).rejects.toMatchObject({ code: "token_not_yet_valid" });
    expect(await isLoggedIn(access, early)).toBe(true);
    await control(access, "clock", { skewSeconds: "30" });
    await verifier.verify(await logIn(access));
  });

  it("ends sessions when it is set forward", async () => {
    const token = await logIn(access, { session: "60" });
    await control(access, "clock", { skewSeconds: "61" });
    expect(await isLoggedIn(access, token)).toBe(false);
  });

  it.each(["", "x", "1.5", "86401", "-86401", "1e3", "Infinity"])(
    "is not set to %j",
    async (skewSeconds) => {
      await expect(control(access, "clock", { skewSeconds })).rejects.toThrow("400");
      expect((await control(access, "")).clockSkewSeconds).toBe(0);
    },
  );
});

describe("the inspector", () => {
  it("is reported as missing from a copy without it, and no application receives its address", async () => {
    const page = await fetch(`${access.controls.url}/inspector`);
    expect(page.status).toBe(404);
    expect(await page.text()).toContain("The inspector is not part of this copy");
    expect(await (await fetch(access.controls.url)).text()).toContain("/local/inspector");
  });
});

describe("the controls", () => {
  it("refuse every request without the secret, and every other origin", async () => {
    const before = await published(access);
    const { secret } = access.controls;
    for (const [origin, given] of [
      [access.url, ""],
      [access.url, "undefined"],
      [access.url, secret.slice(1)],
      [access.url, `${secret}0`],
      ["http://evil.example", secret],
      ["null", secret],
      [undefined, secret],
    ]) {
      const answer = await fetch(`${access.controls.url}/rotate`, {
        method: "POST",
        headers: origin === undefined ? {} : { origin },
        body: new URLSearchParams({ secret: given ?? "" }),
      });
      expect(answer.status, `${origin} ${given}`).toBe(403);
      expect(await answer.text()).not.toContain(secret);
    }
    const get = await fetch(`${access.controls.url}/rotate?secret=${secret}`);
    expect(await get.text()).not.toContain(secret);
    expect(await published(access)).toEqual(before);
  });

  it("work as a page, without a script", async () => {
    const locked = await (await fetch(access.controls.url)).text();
    expect(locked).toContain('name="secret" type="password"');
    expect(locked).not.toMatch(/<script|rotate"/);
    const send = (action: string, fields: Record<string, string>): Promise<Response> =>
      fetch(`${access.controls.url}${action}`, {
        method: "POST",
        headers: { origin: access.url },
        body: new URLSearchParams({ secret: access.controls.secret, ...fields }),
      });
    const open = await (await send("", {})).text();
    for (const kid of await published(access)) expect(open).toContain(`name="kid" value="${kid}"`);
    expect(await (await send("/outage", { outage: "on" })).text()).toContain(
      "The outage has begun.",
    );
    expect(await (await send("/outage", { outage: "off" })).text()).toContain(
      "The outage is over.",
    );
    const wrong = await send("/withdraw", { kid: `"><script>` });
    expect(wrong.status).toBe(400);
    expect(await wrong.text()).not.toContain("<script");
    expect((await send("/nothing", {})).status).toBe(404);
  });
});
