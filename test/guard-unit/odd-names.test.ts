import { expect, it } from "vitest";
import { AUD, application, bearing, guard, OTHER_AUD, team } from "./support.ts";

const issuer = await team();
const headers = bearing(await issuer.userToken());

const NAMES = [
  "constructor",
  "toString",
  "valueOf",
  "hasOwnProperty",
  "__proto__",
  "__defineGetter__",
];

it.each(NAMES)("guards and counts an application that is called %s", async (name) => {
  // As from a configuration file: there, "__proto__" is a member.
  const apps = JSON.parse(`{"${name}":{"audience":"${AUD}"},"other":{"audience":"${OTHER_AUD}"}}`);
  const { url, adminUrl, lines } = await guard({ apps, admin: "127.0.0.1:0" });
  const ask = async (app: string): Promise<number> =>
    (await fetch(`${url}/auth/${app}`, { headers })).status;
  expect([await ask(name), await ask("other")]).toEqual([200, 401]);
  for (const none of NAMES.filter((each) => each !== name)) expect(await ask(none)).toBe(404);
  expect(lines[0]).toMatchObject({ app: name, decision: "accepted" });
  const metrics = await (await fetch(`${adminUrl}/metrics`)).text();
  expect(metrics).toContain(`{app="${name}",decision="accepted",code=""} 1\n`);
});

it.each(NAMES)("counts failures of an application that is called %s", async (name) => {
  const target = "http://127.0.0.1:1";
  const app = { audience: AUD, hosts: ["127.0.0.1"], target };
  const apps = JSON.parse(`{"${name}":${JSON.stringify(app)}}`);
  const { url, adminUrl } = await guard({ apps, admin: "127.0.0.1:0" });
  for (const _ of [1, 2]) expect((await fetch(url, { headers })).status).toBe(502);
  const metrics = await (await fetch(`${adminUrl}/metrics`)).text();
  expect(metrics).toContain(`postern_target_failures_total{app="${name}"} 2\n`);
});

it.each(NAMES)("passes on a header and a cookie that are called %s", async (name) => {
  const { url: target, seen } = await application();
  const { url } = await guard({ target });
  await fetch(url, { headers: { ...headers, cookie: `${name}=1`, [`x-${name}`]: "2" } });
  expect(seen[0]?.headers).toMatchObject({ cookie: `${name}=1`, [`x-${name.toLowerCase()}`]: "2" });
});
