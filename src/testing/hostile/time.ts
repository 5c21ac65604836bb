import { type Attacks, withMembers } from "./forge.ts";

const HOUR = 3600;

/** Tokens outside their time (RFC 7519 sections 2 and 4.1.4 to 4.1.6). No guard tolerates an hour. */
export const timeAttacks: Attacks = async function* ({ now, claims, signed }) {
  const undated = { ...claims, exp: undefined };
  const past = now - HOUR;
  const soon = now + HOUR;
  const ended: readonly (readonly [name: string, exp: unknown, what: string])[] = [
    ["expired", past, "It expired an hour ago"],
    ["zero", 0, "It expired in 1970: zero is a date, not a missing date"],
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
    why: "It never expires. Every token of Access has exp, so this is a token of another kind (RFC 7519 section 4.1.4).",
  };
  yield {
    name: "exp-inherited",
    token: await signed(withMembers(undated, `"__proto__":{"exp":${soon}}`)),
    why: "Its exp is only inside a member __proto__, which some programs use as the object's prototype: exp itself is missing (RFC 7519 section 4.1.4).",
  };
  yield {
    name: "exp-behind-another",
    token: await signed(withMembers(undated, `"exp":${soon},"exp":${past}`)),
    why: "It has exp twice, and the last one is in the past. A guard must reject duplicates or use the last one (RFC 7519 section 4).",
  };
  yield {
    name: "exp-infinite",
    token: await signed(withMembers(undated, '"exp":1e999')),
    why: "Its exp is too large for a number in most programs. Read as infinity, it would never expire (RFC 7519 section 2, RFC 8259 section 6).",
  };
  const shapes: readonly (readonly [name: string, value: unknown, what: string])[] = [
    ["string", String(soon), "a string of digits"],
    ["iso-string", new Date(soon * 1000).toISOString(), "a string in ISO format"],
    ["null", null, "null"],
    ["true", true, "a boolean"],
    ["array", [soon], "an array, which converts to its only number"],
    ["object", { valueOf: soon }, "an object"],
  ];
  for (const [name, value, what] of shapes) {
    yield {
      name: `exp-${name}`,
      token: await signed({ ...claims, exp: value }),
      why: `Its exp is ${what}: it must be a number (RFC 7519 sections 2 and 4.1.4), or a comparison may never find it expired.`,
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
        why: `Its ${claim} is ${what}: if it is present, it must be a number (RFC 7519 section ${section}).`,
      };
    }
  }
  yield {
    name: "nbf-in-the-future",
    token: await signed({ ...claims, nbf: soon }),
    why: "It is valid only in an hour: before nbf a token must not be accepted (RFC 7519 section 4.1.5).",
  };
  yield {
    name: "iat-in-the-future",
    token: await signed({ ...claims, iat: soon }),
    why: "Its iat is an hour in the future. The issuer's clock is never that wrong, and a limit on the age would not apply (RFC 7519 section 4.1.6).",
  };
};
