import { describe, expect, it, vi } from "vitest";
import {
  type AccessCheck,
  allowCustom,
  allowEmails,
  allowLiveSession,
  allowServices,
  allowUsers,
  every,
  some,
  type TeamOption,
} from "../../src/checks/index.ts";
import { createVerifier, type TeamOptions } from "../../src/index.ts";
import { createTestIssuer } from "../../src/testing/index.ts";

const issuers = await Promise.all(
  ["acme", "globex", "initech"].map((team) => createTestIssuer({ decoyKeys: true, team })),
);

/** A verifier of several teams, each with one of the checks. */
const among = (...checks: readonly TeamOptions["check"][]) =>
  createVerifier(
    checks.map((check, index) => {
      const { issuer, audience, fetch } = issuers[index] as (typeof issuers)[number];
      return { team: issuer, audience, remote: { fetch }, check };
    }),
  );

const REFUSED = "check must name its team when several teams share it";
const refuse = (...checks: readonly TeamOptions["check"][]): void => {
  expect(() => among(...checks)).toThrow(new TypeError(REFUSED));
};

/** Every check that can name principals of one team. */
const NAMING: readonly [name: string, make: (options?: TeamOption) => AccessCheck][] = [
  ["allowEmails", (options) => allowEmails("ceo@acme.com", options)],
  ["allowUsers", (options) => allowUsers("7335d417", options)],
  ["allowServices", (options) => allowServices(["a.access"], options)],
  ["allowCustom", (options) => allowCustom("group", () => true, options)],
];

const other: AccessCheck = () => true;

describe.each(NAMING)("%s without a named team", (_, make) => {
  it("is refused when two teams of a verifier share it", () => {
    const check = make();
    refuse(check, check);
    refuse(check, other, check);
    refuse(undefined, check, check);
  });

  it("is refused when it is a part of what they share, however deep", () => {
    const check = make();
    const whole = some(every(other, check), other);
    refuse(whole, whole);
    refuse(check, whole);
    refuse(every(check), some(other, every(other, some(check))));
  });

  it("is refused with an option set to undefined", () => {
    for (const options of [{}, { team: undefined }]) {
      const check = make(options);
      refuse(check, check);
    }
  });

  it("may stand in one team's check more than once", () => {
    const check = make();
    expect(() => among(some(every(check, other), check), other)).not.toThrow();
  });

  it("may be written once for each team", () => {
    expect(() => among(make(), make(), some(make(), make()))).not.toThrow();
  });

  it("may be shared once it names its team", () => {
    const check = make({ team: "acme" });
    expect(() => among(check, some(check, other), every(check))).not.toThrow();
  });

  it("is refused beside an issuer that is no team", async () => {
    const check = make();
    const [acme] = issuers;
    if (acme === undefined) throw new Error("no issuer");
    const keys = (await acme.jwks()) as never;
    const entries = [
      { team: "acme", audience: "aud-of-wiki", check },
      { issuer: "https://issuer.example", audience: "my-api", keys, check },
    ];
    expect(() => createVerifier(entries as never)).toThrow(REFUSED);
  });

  it("is the caller's concern when two verifiers share it", () => {
    const check = make();
    expect(() => [among(check), among(check), among(check, other)]).not.toThrow();
  });

  it("is recognised by another copy of the package", async () => {
    vi.resetModules();
    const copy = await import("../../src/checks/index.ts");
    expect(copy.every).not.toBe(every);
    const check = copy.every(make());
    refuse(check, some(check));
  });
});

describe("a check that several teams may share", () => {
  it.each([
    ["accepts any principal of a kind", allowUsers()],
    ["is made of shareable checks", some(allowUsers(), every(allowServices()))],
    ["asks about the session", allowLiveSession({ everySeconds: 60, onUnknown: "allow" })],
    ["is a function of the application", other],
  ])("%s", (_, check) => {
    expect(() => among(check, check, check)).not.toThrow();
  });

  it("may be a hand-written function around one without a team: its inside cannot be seen", () => {
    const check = allowEmails("acme.com");
    const wrapped: AccessCheck = (...given) => check(...given);
    expect(() => among(wrapped, wrapped)).not.toThrow();
  });
});

it("takes marks from no prototype", () => {
  const mark = Symbol.for("postern.check");
  const everyone = Function.prototype as { [mark]?: unknown };
  everyone[mark] = [other];
  try {
    expect(() => among(other, () => true)).not.toThrow();
  } finally {
    delete everyone[mark];
  }
});

it("lists a part once, however often checks are built from it", () => {
  let check = allowEmails("acme.com");
  for (let doubled = 0; doubled < 40; doubled++) check = some(check, check);
  expect(() => among(check, other)).not.toThrow();
  refuse(check, check);
});

it("decides for each team separately, also on a cold instance", async () => {
  const ceo = { email: "ceo@acme.com" };
  const tokens = await Promise.all(issuers.map(({ userToken }) => userToken(ceo)));
  const check = allowEmails("ceo@acme.com", { team: "acme" });
  const verifier = among(check, check, check);
  const verdicts = await Promise.all(tokens.reverse().map((token) => verifier.safeVerify(token)));
  expect(verdicts.map(({ ok }) => ok)).toEqual([false, false, true]);
});
