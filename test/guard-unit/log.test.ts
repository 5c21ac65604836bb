import { describe, expect, it } from "vitest";
import { createLog, type Entry, withoutTokens } from "../../src/guard/log.ts";

const HEADER = "eyJhbGciOiJSUzI1NiJ9";

function line(path: string): string {
  let written = "";
  const entry: Entry = { app: "a", method: "GET", path, decision: "public", code: "", ms: 1 };
  createLog("json", (text) => {
    written += text;
  })(entry);
  return JSON.parse(written).path;
}

describe("the path in the log", () => {
  it.each([
    ["/a/b.html", "/a/b.html"],
    ["/keys.json", "/keys.json"],
    ["/a?token=x", "/a"],
    [`/${HEADER}`, `/${HEADER}`],
    [`/${HEADER}.e30.c2ln`, "/[token]"],
    [`/${HEADER}.e30.c2ln/b`, "/[token]/b"],
    [`/a=${HEADER}.e30.`, "/a=[token]"],
    [`/a-${HEADER}.`, "/a-[token]"],
    [`/a.b.${HEADER}.e30.c2ln`, "/a.b.[token]"],
    [`/ey.${HEADER}.e30.c2ln`, "/ey.[token]"],
    [`/eye${HEADER}.e30.c2ln`, "/[token]"],
    [`/${HEADER}.e30.x/${HEADER}.e30.y`, "/[token]/[token]"],
    [`/${HEADER}%2Ee30%2ec2ln%2f`, "/[token]%2f"],
    [`/a%2e${HEADER}%2Ee30%2ec2ln`, "/a%2e[token]"],
    ["/ey12345678.", "/[token]"],
    ["/ey1234567.", "/ey1234567."],
    [`/${"a".repeat(3000)}`, `/${"a".repeat(2047)}`],
  ])("has no query and no token: %s", (path, shown) => {
    expect(line(path)).toBe(shown);
  });

  // In a time that grows with the square of the length, each of them takes minutes.
  it.each(["ey", "ey12345678", "a", "-", ".", "ey.", "ey1234567.", "/ey", "%2e", "ey%2e"])(
    "takes a time that grows only with its length: %s",
    (part) => {
      const path = part.repeat(1_000_000 / part.length);
      expect(withoutTokens(path)).toBe(path);
    },
  );
});
