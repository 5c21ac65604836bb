import { expect, it } from "vitest";
import { fairConditions } from "../../src/local/conditions.ts";
import type { Person } from "../../src/local/person.ts";
import { createSessions } from "../../src/local/sessions.ts";
import { createTestIssuer } from "../../src/testing/index.ts";

const ada: Person = {
  email: "ada@example.com",
  groups: [],
  country: undefined,
  custom: undefined,
  sessionSeconds: 60,
};

it("keeps a thousand sessions, and then forgets the oldest", async () => {
  const issuer = await createTestIssuer({ decoyKeys: true });
  const sessions = createSessions(issuer, fairConditions("app"));
  const first = await sessions.openUser(ada);
  const second = await sessions.openUser(ada);
  await Promise.all(Array.from({ length: 998 }, () => sessions.openUser(ada)));
  expect(sessions.find([first.token])).toBe(first);
  await sessions.openUser(ada);
  expect(sessions.find([first.token])).toBeUndefined();
  expect(sessions.find([first.token, second.token])).toBe(second);
});

it("opens a new session for a service after a log-out or a change of the clock", async () => {
  const issuer = await createTestIssuer({ decoyKeys: true });
  const conditions = fairConditions("app");
  const sessions = createSessions(issuer, conditions);
  const first = await sessions.openService("id.access");
  expect(await sessions.openService("id.access")).toBe(first);
  sessions.close([first.token]);
  const second = await sessions.openService("id.access");
  expect(second).not.toBe(first);
  conditions.clockSkewSeconds = 60;
  expect(await sessions.openService("id.access")).not.toBe(second);
});
