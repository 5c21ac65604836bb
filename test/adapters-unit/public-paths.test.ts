import { describe, expect, it } from "vitest";
import { nodePath, publicPathsOption, webPath } from "../../src/adapters/public-paths.ts";
import { unhandledIn } from "../support/unhandled.ts";

const GET = { method: "GET", headers: { host: "app.example" } };
const everything = publicPathsOption(() => true);

describe("a public path", () => {
  it("matches one of the strings exactly", () => {
    const isPublic = publicPathsOption(["/", "/health"]);
    expect(isPublic("/", GET)).toBe(true);
    expect(isPublic("/health", GET)).toBe(true);
    for (const path of ["/health/", "/Health", "/healthy", "health", "/health;x", "", undefined]) {
      expect(isPublic(path, GET), String(path)).toBe(false);
    }
  });

  it("matches only when the predicate returns true, not any truthy value", () => {
    const isPublic = publicPathsOption((path) => path.startsWith("/assets/"));
    expect(isPublic("/assets/app.js", GET)).toBe(true);
    expect(isPublic("/admin", GET)).toBe(false);
    const promises = publicPathsOption((async () => true) as never);
    expect(promises("/admin", GET)).toBe(false);
  });

  it("does not exist without the option", () => {
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
  ])("is never one that a framework might read differently: %s", (path) => {
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

  it.each(["/assets/*", "/*", "/**/x", "/users/:id", "/users/{id}", "/users/[id]"])(
    "is refused at once when it is a pattern, because paths are compared exactly: %s",
    (pattern) => {
      expect(() => publicPathsOption(["/health", pattern])).toThrow(
        `publicPaths must be exact paths like "/health", not "${pattern}"`,
      );
    },
  );

  it("may have a colon that begins no parameter", () => {
    expect(publicPathsOption(["/v1/items:batch"])("/v1/items:batch", GET)).toBe(true);
  });
});

describe("a request with a malformed host", () => {
  const HOSTILE = [
    "x/admin?",
    "x/public?",
    "x/admin#",
    "x?",
    "x#",
    "x/",
    "/",
    "//x",
    "user@x",
    "user:pass@x",
    "@x",
    "x\\admin",
    "\\x",
    "x\\..\\admin",
    "x%2fadmin",
    "x%00",
    "x:80/admin?",
    "x:",
    "x:port",
    "x:80:80",
    "x:123456",
    ":80",
    "",
    " ",
    "x y",
    "x\ty",
    "x\n/admin",
    "x;/admin",
    "x,y/admin?",
    "x, x",
    "http://x",
    "http://x/admin?",
    "[::1]/admin?",
    "[::1",
    "::1",
    "[x/admin?]",
    "[::1]x",
    "x\u0000",
    "x\u2215admin",
    "m\u00fcnchen.example",
    "\uff58",
    "*",
    "<x>",
    "x'",
    'x"',
    "x|y",
    "x^y",
    "{x}",
    "x&y",
    "x=y",
    "x+y",
    "~x",
    "$x",
    "!x",
    "(x)",
  ];
  const PLAIN = ["app.example", "APP.example:8443", "127.0.0.1:3000", "[::1]", "[::1]:80", "a_b-c"];
  const NAMES = ["host", ":authority", "x-forwarded-host"];

  const exact = publicPathsOption(["/public"]);
  const answers = (headers: object): boolean[] =>
    [exact, everything].map((isPublic) => isPublic("/public", { method: "GET", headers } as never));

  it.each(NAMES)("is on no public path: %s", (name) => {
    for (const value of HOSTILE) {
      // Proxies append more hosts, joined by commas.
      if (name === "x-forwarded-host" && value === "x, x") continue;
      expect(answers({ host: "app.example", [name]: value }), value).toEqual([false, false]);
    }
    for (const value of PLAIN) {
      expect(answers({ host: "app.example", [name]: value }), value).toEqual([true, true]);
    }
  });

  it("is found in web headers, and in any of several values", () => {
    const web = (host: string): Headers => new Headers({ "x-forwarded-host": host });
    expect(answers(web("x/admin?"))).toEqual([false, false]);
    expect(answers(web("app.example, [::1]:80,b"))).toEqual([true, true]);
    for (const hosts of ["app.example, x/admin?", "x/admin?, app.example", "app.example,", ","]) {
      expect(answers(web(hosts)), hosts).toEqual([false, false]);
    }
    expect(answers({ "x-forwarded-host": ["app.example", "x/admin?"] })).toEqual([false, false]);
    expect(answers({ host: ["app.example", "app.example"] })).toEqual([false, false]);
  });

  it.each([
    [
      "x-forwarded-proto",
      ["https", "http,https", "WSS"],
      ["x:admin?", "http://x/admin?", "http:", ""],
    ],
    ["x-forwarded-port", ["443", "80, 443"], ["80/admin?", "80@x", "123456", "-1", ""]],
  ])("is on no public path when a proxy forwards such a host: %s", (name, plain, hostile) => {
    for (const value of plain) expect(answers({ [name]: value }), value).toEqual([true, true]);
    for (const value of hostile) expect(answers({ [name]: value }), value).toEqual([false, false]);
  });

  it("is one only by its own headers that name a host", () => {
    expect(answers({})).toEqual([true, true]);
    expect(answers(Object.create({ host: "x/admin?" }))).toEqual([true, true]);
  });
});

describe("the predicate of public paths", () => {
  it("opens nothing when it is async, and its rejection ends no process", async () => {
    const count = await unhandledIn(async () => {
      const isPublic = publicPathsOption((async () => Promise.reject(new Error("x"))) as never);
      expect(isPublic("/public", { headers: {} })).toBe(false);
    });
    expect(count).toBe(0);
  });

  it("receives the method, and is not called for a path or a host that is not plain", () => {
    const asked: unknown[] = [];
    const isPublic = publicPathsOption((path, { method }) => {
      asked.push(`${method} ${path}`);
      return method === "GET";
    });
    expect(isPublic("/a", { method: "GET", headers: {} })).toBe(true);
    expect(isPublic("/a", { method: "POST", headers: {} })).toBe(false);
    expect(isPublic("/a", { headers: {} })).toBe(true);
    expect(isPublic("/a/..", { method: "GET", headers: {} })).toBe(false);
    expect(isPublic("/a", { method: "GET", headers: { host: "x/admin?" } })).toBe(false);
    expect(asked).toEqual(["GET /a", "POST /a", "GET /a"]);
  });
});

describe("the path of a request", () => {
  it("is what Node's client asked for, not what a mounted router left of it", () => {
    expect(nodePath({ url: "/public", originalUrl: "/admin/public?x=1" })).toBe("/admin/public");
    expect(nodePath({ url: "/plain?/public" })).toBe("/plain");
    expect(nodePath({})).toBe(undefined);
  });

  it("is the one in the URL of a web request", () => {
    expect(webPath({ url: "https://host.example:8080/a/b?c=/d" })).toBe("/a/b");
    expect(webPath({ url: "http://host/a#/b" })).toBe("/a#/b");
    expect(webPath({ url: "http://host" })).toBe("");
    expect(webPath({ url: "http://host\\..\\admin/public" })).toBe("\\..\\admin/public");
  });
});
