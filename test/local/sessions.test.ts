import { expect, it } from "vitest";
import { fairConditions } from "../../src/local/conditions.ts";
import { createSigningKeys } from "../../src/local/keys.ts";
import type { Person } from "../../src/local/person.ts";
import { createSessions } from "../../src/local/sessions.ts";

const issuer = "http://127.0.0.1:8788";
const ada: Person = {
  email: "ada@example.com",
  groups: [],
  country: undefined,
  custom: undefined,
  sessionSeconds: 60,
};

it("keeps a thousand sessions, and then forgets the oldest", async () => {
  const keys = await createSigningKeys();
  const sessions = createSessions(keys, fairConditions(), { issuer, audience: "aud" });
  const first = await sessions.openUser(ada);
  const second = await sessions.openUser(ada);
  for (let more = 0; more < 998; more++) await sessions.openUser(ada);
  expect(sessions.find([first.token])).toBe(first);
  await sessions.openUser(ada);
  expect(sessions.find([first.token])).toBeUndefined();
  expect(sessions.find([first.token, second.token])).toBe(second);
});

it("opens a service's session anew when it has been closed, or the clock was changed", async () => {
  const keys = await createSigningKeys();
  const conditions = fairConditions();
  const sessions = createSessions(keys, conditions, { issuer, audience: "aud" });
  const first = await sessions.openService("id.access");
  expect(await sessions.openService("id.access")).toBe(first);
  sessions.close([first.token]);
  const second = await sessions.openService("id.access");
  expect(second).not.toBe(first);
  conditions.clockSkewSeconds = 90_000;
  const third = await sessions.openService("id.access");
  expect(third.expiresAt - second.expiresAt).toBeGreaterThanOrEqual(90_000_000);
});
