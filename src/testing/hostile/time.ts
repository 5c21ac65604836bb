import { type Attacks, withMembers } from "./forge.ts";

const HOUR = 3600;

/** When the token holds (RFC 7519 sections 2 and 4.1.4 to 4.1.6). No grace is an hour long. */
export const timeAttacks: Attacks = async function* ({ now, claims, signed }) {
  const undated = { ...claims, exp: undefined };
  const past = now - HOUR;
  const soon = now + HOUR;
  const ended: readonly (readonly [name: string, exp: unknown, what: string])[] = [
    ["expired", past, "It expired an hour ago"],
    ["zero", 0, "It expired in 1970, and zero is a date, not an absent one"],
    ["negative", -1, "It expired before 1970"],
  ];
  for (const [name, exp, what] of ended) {
    const before = { iat: past - HOUR, nbf: past - HOUR };
    yield {
      name: `exp-${name}`,
      token: await signed({ ...claims, ...before, exp }),
      why: `${what}: on or after exp a token must not be accepted (RFC 7519 section 4.1.4).`,
    };
  }
  yield {
    name: "exp-missing",
    token: await signed(undated),
    why: "It never expires: Access always says when, so an absent exp is a token of another kind (RFC 7519 section 4.1.4).",
  };
  yield {
    name: "exp-inherited",
    token: await signed(withMembers(undated, `"__proto__":{"exp":${soon}}`)),
    why: "Its exp is only in a member __proto__, which some programs turn into the object's prototype: it does not say when it ends (RFC 7519 section 4.1.4).",
  };
  yield {
    name: "exp-behind-another",
    token: await signed(withMembers(undated, `"exp":${soon},"exp":${past}`)),
    why: "Its exp is there twice, and the last one has passed. Duplicates must be rejected or the last one taken (RFC 7519 section 4).",
  };
  yield {
    name: "exp-infinite",
    token: await signed(withMembers(undated, '"exp":1e999')),
    why: "Its date is beyond every number that programs can hold: read as infinity it never expires, and a date is finite (RFC 7519 section 2, RFC 8259 section 6).",
  };
  const shapes: readonly (readonly [name: string, value: unknown, what: string])[] = [
    ["string", String(soon), "a string of digits"],
    ["iso-string", new Date(soon * 1000).toISOString(), "a string in ISO format"],
    ["null", null, "null"],
    ["true", true, "a boolean"],
    ["array", [soon], "an array, which turns into its only number"],
    ["object", { valueOf: soon }, "an object"],
  ];
  for (const [name, value, what] of shapes) {
    yield {
      name: `exp-${name}`,
      token: await signed({ ...claims, exp: value }),
      why: `Its exp is ${what}: it must be a number (RFC 7519 sections 2 and 4.1.4), and what is compared as something else may never expire.`,
    };
  }
  for (const claim of ["nbf", "iat"] as const) {
    const section = claim === "nbf" ? "4.1.5" : "4.1.6";
    for (const [name, value, what] of [
      ["string", String(now - HOUR), "a string of digits"],
      ["null", null, "null"],
      ["array", [now - HOUR], "an array"],
    ] as const) {
      yield {
        name: `${claim}-${name}`,
        token: await signed({ ...claims, [claim]: value }),
        why: `Its ${claim} is ${what}: where it is present, it must be a number (RFC 7519 section ${section}).`,
      };
    }
  }
  yield {
    name: "nbf-in-the-future",
    token: await signed({ ...claims, nbf: soon }),
    why: "It holds from an hour from now: before nbf a token must not be accepted (RFC 7519 section 4.1.5).",
  };
  yield {
    name: "iat-in-the-future",
    token: await signed({ ...claims, iat: soon }),
    why: "It says that it will be issued in an hour. No clock of the issuer's is that wrong, and no limit on its age would ever apply (RFC 7519 section 4.1.6).",
  };
};
