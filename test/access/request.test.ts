import { createServer, type IncomingMessage } from "node:http";
import { type AddressInfo, connect } from "node:net";
import { describe, expect, test } from "vitest";
import { readBearerToken } from "../../src/access/request.ts";
import { readAccessToken, TokenError } from "../../src/index.ts";

const ASSERTION = "Cf-Access-Jwt-Assertion";
const cookies = (cookie: string): readonly string[] => readAccessToken({ cookie });

describe("the assertion header", () => {
  test.each([
    ["a Request", new Request("https://app.example", { headers: { [ASSERTION]: "a.b.c" } })],
    ["Headers", new Headers({ [ASSERTION]: "a.b.c" })],
    ["what holds Headers", { headers: new Headers({ [ASSERTION]: "a.b.c" }) }],
    ["what holds a plain object", { headers: { [ASSERTION]: "a.b.c" } }],
    ["a plain object in lower case", { "cf-access-jwt-assertion": "a.b.c" }],
    ["a plain object in upper case", { "CF-ACCESS-JWT-ASSERTION": "a.b.c" }],
    ["a plain object in any case", { [ASSERTION]: "a.b.c" }],
    ["a plain object with an array", { [ASSERTION]: ["a.b.c"] }],
    [
      "a plain object without prototype",
      Object.assign(Object.create(null), { [ASSERTION]: "a.b.c" }),
    ],
  ])("is read from %s", (_, request) => {
    expect(readAccessToken(request)).toEqual(["a.b.c"]);
  });

  test("is trimmed, and not split", () => {
    expect(readAccessToken({ [ASSERTION]: "  a.b.c \t" })).toEqual(["a.b.c"]);
    expect(readAccessToken({ [ASSERTION]: "Bearer a.b.c" })).toEqual(["Bearer a.b.c"]);
  });

  // A decoded byte order mark and a no-break space: String.prototype.trim would remove these too.
  test.each(["\ufeff", "\u00a0", "\u2003", "\n", "\v", "\f", "\u2028"])(
    "and a cookie keep any other white space",
    (space) => {
      for (const value of [`${space}a.b.c`, `a.b.c${space}`]) {
        expect(readAccessToken({ [ASSERTION]: value })).toEqual([value]);
        expect(cookies(`CF_Authorization=${value}`)).toEqual([value]);
      }
      expect(cookies(`${space}CF_Authorization=a.b.c`)).toEqual([]);
    },
  );

  test.each([
    ["in one field", { [ASSERTION]: "a.b.c, a.b.c" }],
    ["without a space", { [ASSERTION]: "a.b.c,a.b.c" }],
    ["in an array", { [ASSERTION]: ["a.b.c", "a.b.c"] }],
    ["under names of another case", { [ASSERTION]: "a.b.c", "cf-access-jwt-assertion": "a.b.c" }],
  ])("may be repeated %s, with the same value", (_, headers) => {
    expect(readAccessToken(headers)).toEqual(["a.b.c"]);
  });

  test.each([
    ["in one field", { [ASSERTION]: "a.b.c, d.e.f" }],
    ["and only the last of them differs", { [ASSERTION]: "a.b.c, a.b.c, d.e.f" }],
    ["with an empty one after it", { [ASSERTION]: "a.b.c," }],
    ["with an empty one before it", { [ASSERTION]: ",a.b.c" }],
    ["in an array", { [ASSERTION]: ["a.b.c", "d.e.f"] }],
    ["in an array with an empty one", { [ASSERTION]: ["a.b.c", ""] }],
    ["under names of another case", { [ASSERTION]: "a.b.c", "cf-access-jwt-assertion": "d.e.f" }],
    ["in an array with what is no string", { [ASSERTION]: ["a.b.c", 7] as never }],
  ])("may not be repeated %s, with different values", (_, headers) => {
    expect(() => readAccessToken(headers)).toThrow(TokenError);
    expect(() => readAccessToken(headers)).toThrow(
      expect.objectContaining({ code: "token_malformed", part: "token" }),
    );
  });

  test("of two fields is joined by Headers, and refused when they differ", () => {
    const headers = new Headers([
      [ASSERTION, "a.b.c"],
      [ASSERTION, "d.e.f"],
    ]);
    expect(() => readAccessToken(headers)).toThrow(TokenError);
  });

  test.each([
    ["an empty one", ""],
    ["a blank one", "  "],
    ["one that is no token", "nonsense"],
    ["an array of none", [""]],
  ])("is not rescued by a cookie when it is %s", (_, value) => {
    const tokens = readAccessToken({ [ASSERTION]: value, cookie: "CF_Authorization=a.b.c" });
    expect(tokens).toEqual([String(value).trim()]);
  });

  test.each([undefined, null])("is absent when its value is %s", (value) => {
    const headers = { [ASSERTION]: value as undefined, cookie: "CF_Authorization=a.b.c" };
    expect(readAccessToken(headers)).toEqual(["a.b.c"]);
  });

  test.each([7, true, {}, [7], { toString: () => "a.b.c" }])("is no token as %j", (value) => {
    const headers = { [ASSERTION]: value as never, cookie: "CF_Authorization=a.b.c" };
    expect(readAccessToken(headers)).toEqual([""]);
  });

  test("is absent when only a prototype has it", () => {
    const headers = Object.create({ [ASSERTION]: "a.b.c", cookie: "CF_Authorization=d.e.f" });
    expect(readAccessToken(headers)).toEqual([]);
  });

  test("of a plain object is read despite headers called get or headers", () => {
    const headers = { get: "x", headers: "y", [ASSERTION]: "a.b.c" };
    expect(readAccessToken(headers)).toEqual(["a.b.c"]);
    const none = { headers: undefined, [ASSERTION]: "a.b.c" };
    expect(readAccessToken(none)).toEqual(["a.b.c"]);
  });

  test("in a headers object is read despite fields called get or headers", () => {
    // As API gateways pass them: an array for each field, whatever its name.
    const headers = { [ASSERTION]: ["a.b.c"], headers: ["x"], get: ["x"] };
    expect(readAccessToken({ headers })).toEqual(["a.b.c"]);
  });
});

describe("the cookie", () => {
  test.each([
    "CF_Authorization=a.b.c",
    "a=1; CF_Authorization=a.b.c; b=2",
    "a=1;CF_Authorization=a.b.c;b=2",
    " CF_Authorization = a.b.c ",
    "flag; CF_Authorization=a.b.c",
    "CF_Authorization=; CF_Authorization=a.b.c",
    "CF_Authorization=a.b.c; CF_Authorization=a.b.c",
  ])("is found in %j", (cookie) => {
    expect(cookies(cookie)).toEqual(["a.b.c"]);
  });

  test.each([
    "cf_authorization=a.b.c",
    "CF_AUTHORIZATION=a.b.c",
    "CF_Authorization2=a.b.c",
    "XCF_Authorization=a.b.c",
    "__Host-CF_Authorization=a.b.c",
    "CF_Authorization",
    "CF_Authorization2",
    "CF_Authorization=",
    "CF_AppSession=a.b.c",
    "CF_Binding=a.b.c",
    "a=CF_Authorization=a.b.c",
    "",
  ])("is not found in %j", (cookie) => {
    expect(cookies(cookie)).toEqual([]);
  });

  test("keeps further equals signs in its value", () => {
    expect(cookies("CF_Authorization=a.b.c=d")).toEqual(["a.b.c=d"]);
  });

  test("may be repeated: in order, at most 8 values", () => {
    const values = Array.from({ length: 12 }, (_, index) => `t.${index}.s`);
    const cookie = values.map((value) => `CF_Authorization=${value}`).join("; ");
    expect(cookies(cookie)).toEqual(values.slice(0, 8));
  });

  test("may come in several fields", () => {
    const fields = ["CF_Authorization=a.b.c; x=1", "CF_Authorization=d.e.f"];
    expect(readAccessToken({ Cookie: fields })).toEqual(["a.b.c", "d.e.f"]);
    const request = new Request("https://app.example", { headers: { Cookie: fields.join("; ") } });
    expect(readAccessToken(request)).toEqual(["a.b.c", "d.e.f"]);
  });
});

describe("a bearer token", () => {
  const bearer = (authorization: string): string | undefined =>
    readBearerToken(new Headers({ authorization }));

  test.each(["Bearer a.b.c", "bearer a.b.c", "BEARER   a.b.c", " Bearer a.b.c "])(
    "is found in %j",
    (authorization) => {
      expect(bearer(authorization)).toBe("a.b.c");
    },
  );

  test.each([
    "",
    "Bearer",
    "Bearera.b.c",
    "a.b.c",
    "Basic a.b.c",
    "Proxy-Bearer a.b.c",
    "Bearer a.b.c d.e.f",
    "Bearer a.b.c,d.e.f",
    "Bearer a.b.c, Bearer d.e.f",
    "Bearer\ta.b.c",
  ])("is not found in %j", (authorization) => {
    expect(bearer(authorization)).toBeUndefined();
  });

  test("is absent without an authorization header", () => {
    expect(readBearerToken(new Headers())).toBeUndefined();
  });
});

describe("any other header", () => {
  test("is ignored, whatever its name", () => {
    const request = new Request("https://app.example/?CF_Authorization=a.b.c&token=a.b.c", {
      headers: {
        Authorization: "Bearer a.b.c",
        "Cf-Access-Token": "a.b.c",
        "Cf-Access-Authenticated-User-Email": "kim@acme.example",
        "X-Cf-Access-Jwt-Assertion": "a.b.c",
        "Cf-Access-Client-Id": "a.b.c",
        "Set-Cookie": "CF_Authorization=a.b.c",
      },
    });
    expect(readAccessToken(request)).toEqual([]);
  });

  test.each([undefined, null, "cf-access-jwt-assertion: a.b.c", 7, true, Symbol("request")])(
    "or input is refused as a caller's mistake: %s",
    (request) => {
      expect(() => readAccessToken(request as never)).toThrow(/^request must be .+, got \w+/);
    },
  );
});

/** Sends raw lines to a server on loopback, and reads the request as Node parses it. */
async function overHttp<T>(lines: string[], read: (request: IncomingMessage) => T): Promise<T> {
  const server = createServer();
  try {
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const { port } = server.address() as AddressInfo;
    return await new Promise<T>((resolve, reject) => {
      server.on("request", (request, response) => {
        response.end();
        try {
          resolve(read(request));
        } catch (error) {
          reject(error);
        }
      });
      const socket = connect(port, "127.0.0.1");
      socket.on("error", reject);
      const head = ["GET / HTTP/1.1", "Host: app.example", "Connection: close", ...lines, "", ""];
      socket.end(head.join("\r\n"));
    });
  } finally {
    server.close();
  }
}

describe("a request as Node parses it", () => {
  test("is read by its headers", async () => {
    expect(await overHttp([`${ASSERTION}: a.b.c`], readAccessToken)).toEqual(["a.b.c"]);
    const lines = ["Cookie: CF_Authorization=a.b.c", "Cookie: CF_Authorization=d.e.f"];
    expect(await overHttp(lines, readAccessToken)).toEqual(["a.b.c", "d.e.f"]);
  });

  test("is refused when two assertions differ", async () => {
    const lines = [`${ASSERTION}: a.b.c`, `${ASSERTION}: d.e.f`];
    await expect(overHttp(lines, readAccessToken)).rejects.toMatchObject({
      code: "token_malformed",
    });
  });

  test("is read by its headers, even when a framework added its own get", async () => {
    const lines = ["Cookie: CF_Authorization=a.b.c"];
    const read = (request: IncomingMessage): readonly string[] => {
      // As Express answers: `undefined` for an absent header.
      const get = (name: string): unknown => request.headers[name.toLowerCase()];
      return readAccessToken(Object.assign(request, { get }) as never);
    };
    expect(await overHttp(lines, read)).toEqual(["a.b.c"]);
  });
});
