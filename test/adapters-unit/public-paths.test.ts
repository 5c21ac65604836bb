import { describe, expect, it } from "vitest";
import { nodePath, publicPathsOption, webPath } from "../../src/adapters/public-paths.ts";

const GET = { method: "GET", headers: { host: "app.example" } };
const everything = publicPathsOption(() => true);

describe("a public path", () => {
  it("is one of the strings, exactly", () => {
    const isPublic = publicPathsOption(["/", "/health"]);
    expect(isPublic("/", GET)).toBe(true);
    expect(isPublic("/health", GET)).toBe(true);
    for (const path of ["/health/", "/Health", "/healthy", "health", "/health;x", "", undefined]) {
      expect(isPublic(path, GET), String(path)).toBe(false);
    }
  });

  it("is what the predicate answers true to, and nothing that is merely truthy", () => {
    const isPublic = publicPathsOption((path) => path.startsWith("/assets/"));
    expect(isPublic("/assets/app.js", GET)).toBe(true);
    expect(isPublic("/admin", GET)).toBe(false);
    const promises = publicPathsOption((async () => true) as never);
    expect(promises("/admin", GET)).toBe(false);
  });

  it("is none when nothing was said", () => {
    expect(publicPathsOption(undefined)("/", GET)).toBe(false);
  });

  it.each([
    "/public/../admin",
    "/public/..",
    "/public/.",
    "/./public",
    "/public/..;/admin",
    "/public/.;x/admin",
    "/public/%2e%2e/admin",
    "/public%2fadmin",
    "/%70ublic",
    "/public\\..\\admin",
    "\\public",
    "//public",
    "/public//",
    "/public#x",
    "/public?x",
    "/public\t/admin",
    "/public\n",
    "/public\u0000",
    "/public ",
    "/publi\u00e7",
    "/\uff0e\uff0e/admin",
    "public",
    "*",
    "http://host/public",
  ])("is never one that somebody might read differently: %s", (path) => {
    expect(everything(path, GET)).toBe(false);
  });

  it("may have dots that are no segment", () => {
    expect(everything("/.well-known/security.txt", GET)).toBe(true);
    expect(everything("/a..b/...", GET)).toBe(true);
  });

  it.each([
    [["/a", "/b%20c"]],
    [["health"]],
    [["/a/../b"]],
    [[""]],
    [[undefined]],
    ["/health"],
    [7],
  ])("is refused at once when it could never match: %s", (option) => {
    expect(() => publicPathsOption(option as never)).toThrow(TypeError);
  });
});

describe("the path of a request", () => {
  it("is what Node's client asked for, not what a mounted router left of it", () => {
    expect(nodePath({ url: "/public", originalUrl: "/admin/public?x=1" })).toBe("/admin/public");
    expect(nodePath({ url: "/plain?/public" })).toBe("/plain");
    expect(nodePath({})).toBe(undefined);
  });

  it("is what the URL of a web request spells", () => {
    expect(webPath({ url: "https://host.example:8080/a/b?c=/d" })).toBe("/a/b");
    expect(webPath({ url: "http://host/a#/b" })).toBe("/a#/b");
    expect(webPath({ url: "http://host" })).toBe("");
    expect(webPath({ url: "http://host\\..\\admin/public" })).toBe("\\..\\admin/public");
  });
});
