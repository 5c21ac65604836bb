import { describe, expect, it } from "vitest";
import { allowCheck } from "../../src/guard/allow.ts";

const NO_NAMES = [
  "*",
  "*.",
  "a,b",
  "a b",
  "a;b",
  '"a"',
  "'a'",
  "`a`",
  "a..b",
  ".a",
  "a.",
  "@",
  "@@",
  "a@b@c",
];

describe("the users that a guard lets in", () => {
  it.each([...NO_NAMES, "*.acme.com", "acme.*", "@*.acme.com", "ada@acme.com", "@@acme.com", "a@"])(
    "are not the domain %j, which is refused by its own name",
    (domain) => {
      expect(() => allowCheck({ domains: ["acme.com", domain] })).toThrow(
        /^allow\.domains must be domains such as example\.com, without wildcards$/,
      );
    },
  );

  it.each([
    ...NO_NAMES,
    "*@acme.com",
    "ada@*.acme.com",
    "*@*",
    "acme.com",
    "@acme.com",
    "ada@",
    "a@b,c@d",
  ])("are not the address %j, which is refused by its own name", (email) => {
    expect(() => allowCheck({ emails: ["ada@acme.com", email] })).toThrow(
      /^allow\.emails must be addresses such as ada@example\.com, without wildcards$/,
    );
  });

  it.each([
    "acme.com",
    "@acme.com",
    "ACME.com",
    "localhost",
    "xn--bcher-kva.example",
    "b\u00fccher.example",
  ])("may have an address in %s", (domain) => {
    expect(() => allowCheck({ domains: [domain] })).not.toThrow();
  });
});
