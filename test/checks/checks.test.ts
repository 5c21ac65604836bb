import { describe, expect, it } from "vitest";
import type { VerifiedAccessToken } from "../../src/access/access-token.ts";
import {
  type AccessCheck,
  allowCustom,
  allowEmails,
  allowServices,
  allowUsers,
  every,
  some,
} from "../../src/checks/index.ts";
import { createVerifier } from "../../src/index.ts";
import { createTestIssuer } from "../../src/testing/index.ts";
import { polluted } from "../support/polluted.ts";

const ACME = "https://acme.cloudflareaccess.com";
const GLOBEX = "https://globex.cloudflareaccess.com";

function user(email: string, { issuer = ACME, custom = undefined as unknown } = {}) {
  const principal = { kind: "user", id: "7335d417", email, issuer };
  return { principal, payload: { custom }, issuer } as unknown as VerifiedAccessToken;
}

function service(name: string, issuer = ACME) {
  const principal = { kind: "service", id: name, name, issuer };
  return { principal, payload: {}, issuer } as unknown as VerifiedAccessToken;
}

const ask = (check: AccessCheck, verified: VerifiedAccessToken): unknown =>
  check(verified, {}, "a.b.c");

describe("allowUsers and allowServices", () => {
  it("tell people from services", () => {
    expect(ask(allowUsers(), user("ada@acme.com"))).toBe(true);
    expect(ask(allowUsers(), service("a.access"))).toBe(false);
    expect(ask(allowServices(), service("a.access"))).toBe(true);
    expect(ask(allowServices(), user("ada@acme.com"))).toBe(false);
  });

  it("accept only the names in a list, if there is one", () => {
    expect(ask(allowUsers(["7335d417"]), user("ada@acme.com"))).toBe(true);
    expect(ask(allowUsers("another"), user("ada@acme.com"))).toBe(false);
    expect(ask(allowServices(["a.access", "b.access"]), service("b.access"))).toBe(true);
    expect(ask(allowServices("a.access"), service("a.access.evil"))).toBe(false);
  });

  it("mean one team's principals", () => {
    const named = allowServices("a.access", { team: "acme" });
    expect(ask(named, service("a.access"))).toBe(true);
    expect(ask(named, service("a.access", GLOBEX))).toBe(false);
    const anyone = allowUsers();
    expect(ask(anyone, user("ada@acme.com"))).toBe(true);
    expect(ask(anyone, user("ada@globex.com", { issuer: GLOBEX }))).toBe(true);
    const anyoneOfAcme = allowUsers(undefined, { team: "acme" });
    expect(ask(anyoneOfAcme, user("ada@globex.com", { issuer: GLOBEX }))).toBe(false);
  });

  it.each([[[]], [""], [["a", ""]], [7], [null]])(
    "refuse an empty or malformed list at once",
    (ids) => {
      expect(() => allowUsers(ids as never)).toThrow(TypeError);
      expect(() => allowServices(ids as never)).toThrow(TypeError);
    },
  );
});

describe("allowEmails", () => {
  it.each([
    ["ada@acme.com", true],
    ["ADA@ACME.COM", true],
    ["bob@acme.com", false],
    ["ada@globex.com", true],
    ["bob@globex.com", true],
    ["bob@GLOBEX.com", true],
    ["bob@mail.globex.com", false],
    ["bob@evil-globex.com", false],
    ["bob@globex.com.evil.example", false],
    ["bob@evil.example@globex.com", false],
    ["bob@globex.com@evil.example", false],
    ["@globex.com", false],
    ["globex.com", false],
    ["bob@", false],
    ["bob@globex.com ", false],
    ["bob@globex.com\u0000", false],
    ["bob@\u212Aglobex.com", false],
    ["\u212Aada@acme.com", false],
  ])("compares whole addresses and whole domains: %j", (email, isAllowed) => {
    expect(ask(allowEmails(["ada@acme.com", "globex.com"]), user(email))).toBe(isAllowed);
  });

  it("does not fold a foreign letter into one of a domain", () => {
    // `toLowerCase` turns the Kelvin sign into a "k".
    expect(ask(allowEmails("kiosk.example"), user("ada@\u212Aiosk.example"))).toBe(false);
    expect(ask(allowEmails("@kiosk.example"), user("ada@KIOSK.example"))).toBe(true);
  });

  it.each(["intranet", "acme.com", "mail.acme.com", "a.b.mail.acme.com"])(
    "takes a domain with any number of dots: %s",
    (domain) => {
      expect(ask(allowEmails(domain), user(`ada@${domain}`))).toBe(true);
      expect(ask(allowEmails(`@${domain}`), user(`ada@x.${domain}`))).toBe(false);
    },
  );

  it("accepts no service as a person", () => {
    expect(ask(allowEmails("acme.com"), service("ada@acme.com"))).toBe(false);
  });

  it("means one team's people: two teams can each have ceo@acme.com", () => {
    const named = allowEmails("ceo@acme.com", { team: "acme" });
    expect(ask(named, user("ceo@acme.com"))).toBe(true);
    expect(ask(named, user("ceo@acme.com", { issuer: GLOBEX }))).toBe(false);
  });

  it.each([
    "",
    "@",
    "a@",
    "a@b@c",
    "*@acme.com",
    "*.acme.com",
    ".acme.com",
    "acme..com",
    "a b@c",
    "@@c",
    "acme.com,globex.com",
    "acme.com;globex.com",
    '"acme.com"',
    "'acme.com'",
    "@acme.com,",
    "ada@acme.com,globex.com",
  ])("refuses at once what is neither an address nor a domain: %j", (entry) => {
    expect(() => allowEmails(entry)).toThrow(TypeError);
    expect(() => allowEmails(["acme.com", entry])).toThrow(TypeError);
  });

  it.each([[[]], [undefined], [7]])("refuses an empty or malformed list at once", (list) => {
    expect(() => allowEmails(list as never)).toThrow(TypeError);
    expect(() => allowEmails("acme.com", { team: "no team" })).toThrow(TypeError);
  });
});

describe("allowCustom", () => {
  const isFinance = allowCustom("department", (value) => value === "finance");

  it("checks the claim of the identity provider, and accepts only true", async () => {
    const of = (custom: unknown) => user("ada@acme.com", { custom });
    expect(await ask(isFinance, of({ department: "finance" }))).toBe(true);
    expect(await ask(isFinance, of({ department: "sales" }))).toBe(false);
    const truthy = allowCustom("department", (() => "yes") as never);
    expect(await ask(truthy, of({ department: "finance" }))).toBe(false);
    const later = allowCustom("department", async (value) => value === "finance");
    expect(await ask(later, of({ department: "finance" }))).toBe(true);
  });

  it("is not called without such a claim, or with an inherited one", async () => {
    const anything = (claim: string) => allowCustom(claim, () => true);
    for (const custom of [undefined, null, "finance", 7, [], {}]) {
      expect(await ask(anything("department"), user("ada@acme.com", { custom }))).toBe(false);
      expect(await ask(anything("toString"), user("ada@acme.com", { custom }))).toBe(false);
    }
  });

  it("is for one team's claim, if the team is named", async () => {
    const custom = { department: "finance" };
    const named = allowCustom("department", (value) => value === "finance", { team: "acme" });
    expect(await ask(named, user("ada@acme.com", { custom }))).toBe(true);
    expect(await ask(named, user("ada@acme.com", { custom, issuer: GLOBEX }))).toBe(false);
  });

  it("refuses a malformed claim name or predicate at once", () => {
    expect(() => allowCustom("", () => true)).toThrow(TypeError);
    expect(() => allowCustom("department", undefined as never)).toThrow(TypeError);
    expect(() => allowCustom("department", true as never)).toThrow(TypeError);
  });
});

it.each<[make: () => unknown, message: string]>([
  [() => allowUsers([]), "ids must be STRINGS, got an empty array"],
  [() => allowServices(["a", ""]), "ids must be STRINGS, got an array"],
  [() => allowEmails(7 as never), "allowed must be STRINGS, got number"],
  [() => allowCustom("", () => true), "claim must be STRINGS, got an array"],
  [
    () => allowEmails("acme..com"),
    "allowed must be addresses or domains, one in each string, got string",
  ],
  [() => every(), "checks must be one or more checks, got undefined"],
  [() => some("yes" as never), "checks must be one or more checks, got string"],
])("a mistake names the argument, and what it must be: %s", (make, message) => {
  const whole = message.replace("STRINGS", "a non-empty string or a non-empty array of them");
  expect(make).toThrow(new TypeError(whole));
});

describe("the options of a check", () => {
  const make = {
    allowUsers: (options: unknown) => allowUsers("7335d417", options as never),
    "allowUsers of anyone": (options: unknown) => allowUsers(undefined, options as never),
    allowServices: (options: unknown) => allowServices("a.access", options as never),
    allowEmails: (options: unknown) => allowEmails("acme.com", options as never),
    allowCustom: (options: unknown) => allowCustom("group", () => true, options as never),
  };

  it.each(Object.entries(make))(
    "of %s are a closed list: a misspelt team is refused at once",
    (_, of) => {
      expect(() => of({ teams: "acme" })).toThrow('did you mean "team"?');
      for (const wrong of [null, "acme", 7, [], { team: "no team" }, { team: 7 }, { team: null }]) {
        expect(() => of(wrong)).toThrow(TypeError);
      }
    },
  );

  it.each(Object.entries(make))(
    "of %s are read from the object itself, never from a prototype",
    async (_, of) => {
      const custom = { group: "wheel" };
      const people = [user("ada@acme.com", { custom }), service("a.access")];
      const verdicts = () =>
        Promise.all(
          [undefined, {}, { team: "acme" }].flatMap((options) => {
            const check = of(options);
            return people.map((verified) => ask(check, verified));
          }),
        );
      const clean = await verdicts();
      expect(clean).toContain(true);
      expect(await polluted({ team: "globex" }, verdicts)).toEqual(clean);
    },
  );
});

describe("every and some", () => {
  const yes: AccessCheck = () => true;
  const silent: AccessCheck = () => {};
  const no: AccessCheck = () => false;
  const odd = (() => "yes") as never;
  const ada = user("ada@acme.com");

  it("accept when all checks accept, and when one of them does", async () => {
    expect(await ask(every(yes, silent), ada)).toBe(true);
    expect(await ask(every(yes, no), ada)).toBe(false);
    expect(await ask(every(yes, odd), ada)).toBe(false);
    expect(await ask(some(no, silent), ada)).toBe(true);
    expect(await ask(some(no, odd), ada)).toBe(false);
  });

  it("pass on all that a check receives, and what it throws", async () => {
    const given: unknown[] = [];
    const check = ((...all: unknown[]) => given.push(...all) > 0) as never;
    await (every(check) as (...all: unknown[]) => unknown)(ada, {}, "token");
    expect(given).toEqual([ada, {}, "token"]);
    const fault: AccessCheck = () => {
      throw new RangeError("a bug");
    };
    await expect(ask(every(yes, fault), ada)).rejects.toThrow(RangeError);
    await expect(ask(some(no, fault), ada)).rejects.toThrow(RangeError);
  });

  it("refuse an empty list, and a value that is no check, at once", () => {
    for (const checks of [[], [yes, undefined], ["yes"]]) {
      expect(() => every(...(checks as never[]))).toThrow(TypeError);
      expect(() => some(...(checks as never[]))).toThrow(TypeError);
    }
  });
});

it("can be the check of a verifier", async () => {
  const issuer = await createTestIssuer({ decoyKeys: true });
  const verifier = createVerifier({
    team: issuer.issuer,
    audience: issuer.audience,
    remote: { fetch: issuer.fetch },
    check: some(allowEmails("acme.com"), every(allowServices(), allowServices("a.access"))),
  });
  await verifier.verify(await issuer.userToken({ email: "ada@acme.com" }));
  await verifier.verify(await issuer.serviceToken({ common_name: "a.access" }));
  const others = [
    await issuer.userToken({ email: "ada@evil.example" }),
    await issuer.serviceToken({ common_name: "b.access" }),
  ];
  for (const token of others) {
    await expect(verifier.verify(token)).rejects.toMatchObject({ code: "forbidden", status: 403 });
  }
});
