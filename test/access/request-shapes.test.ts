import { beforeAll, describe, expect, test } from "vitest";
import { headersOf } from "../../src/access/request.ts";
import {
  createVerifier,
  type RequestLike,
  readAccessToken,
  type Verifier,
} from "../../src/index.ts";
import {
  AUDIENCE,
  apiClaims,
  createSigner,
  ISSUER,
  now,
  TEAM,
  userClaims,
} from "../support/issuer.ts";
import { polluted } from "../support/polluted.ts";

const ASSERTION = "Cf-Access-Jwt-Assertion";
const COOKIE = "CF_Authorization=a.b.c";

type Fields = { readonly [name: string]: string };
type Shape = (headers: Fields) => RequestLike;

const mapped = <T>(
  headers: Fields,
  map: (value: string, name: string) => T,
): { [name: string]: T } =>
  Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, map(value, name)]));
const lower = (headers: Fields): Fields =>
  Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
const rest = { path: "/", body: null, isBase64Encoded: false, requestContext: { stage: "prod" } };

/** How gateways hand a request with these headers to a function. */
const SHAPES: readonly [name: string, shape: Shape][] = [
  [
    "API Gateway, payload 2.0",
    (headers) => {
      const { cookie, ...others } = lower(headers);
      return {
        version: "2.0",
        ...rest,
        headers: others,
        ...(cookie && { cookies: cookie.split("; ") }),
      };
    },
  ],
  [
    "API Gateway, payload 1.0",
    (headers) => ({ ...rest, headers, multiValueHeaders: mapped(headers, (value) => [value]) }),
  ],
  [
    "API Gateway, payload 1.0, lists alone",
    (headers) => ({
      ...rest,
      headers: null,
      multiValueHeaders: mapped(headers, (value) => [value]),
    }),
  ],
  [
    "API Gateway, payload 1.0, without lists",
    (headers) => ({ ...rest, headers, multiValueHeaders: null }),
  ],
  ["a load balancer", (headers) => ({ ...rest, headers: lower(headers) })],
  [
    "a load balancer, with lists",
    (headers) => ({ ...rest, multiValueHeaders: mapped(lower(headers), (value) => [value]) }),
  ],
  [
    "CloudFront",
    (headers) => {
      const listed = mapped(headers, (value, key) => [{ key, value }]);
      const named = Object.entries(listed).map(([name, list]) => [name.toLowerCase(), list]);
      return { method: "GET", uri: "/", querystring: "", headers: Object.fromEntries(named) };
    },
  ],
];

describe.each(SHAPES)("a request from %s", (_name, shape) => {
  let team: Verifier<unknown>;
  let issuer: Verifier<unknown>;
  let token: string;
  let apiToken: string;
  beforeAll(async () => {
    const signer = await createSigner();
    const shared = { audience: AUDIENCE, now, keys: { keys: [signer.jwk] } };
    team = createVerifier({ team: TEAM, ...shared });
    issuer = createVerifier({ issuer: ISSUER, ...shared });
    token = await signer.token(userClaims());
    apiToken = await signer.token(apiClaims());
  });

  test("is accepted with a token in the header, in a cookie or as a bearer token", async () => {
    const cookie = `a=1; CF_Authorization=${token}; b=2`;
    const requests = [{ [ASSERTION]: token }, { Cookie: cookie, Host: "app.example" }];
    for (const headers of requests) {
      expect(await team.safeVerifyRequest(shape(headers))).toMatchObject({ ok: true });
    }
    const bearer = shape({ Authorization: `Bearer ${apiToken}` });
    expect(await issuer.safeVerifyRequest(bearer)).toMatchObject({ ok: true });
  });

  test("has no token without any of these", async () => {
    for (const headers of [{}, { Host: "app.example" }, { Cookie: "a=1" }]) {
      for (const { safeVerifyRequest } of [team, issuer]) {
        const verdict = await safeVerifyRequest(shape(headers));
        expect(verdict).toMatchObject({ ok: false, error: { code: "token_missing" } });
      }
    }
  });

  test("ignores a header whose name is only part of the right one", () => {
    for (const name of ["cookies", "multiValueHeaders", "headers", "get", "request", "req"]) {
      expect(readAccessToken(shape({ [name]: COOKIE }))).toEqual([]);
    }
  });
});

describe("a request with lists of values", () => {
  const differing = { message: expect.any(String), code: "token_malformed", part: "token" };

  test("is refused when its assertions differ, wherever the gateway put them", () => {
    for (const request of [
      { multiValueHeaders: { [ASSERTION]: ["a.b.c", "d.e.f"] } },
      { headers: { [ASSERTION]: "d.e.f" }, multiValueHeaders: { [ASSERTION]: ["a.b.c", "d.e.f"] } },
      { headers: { [ASSERTION]: [{ value: "a.b.c" }, { value: "d.e.f" }] } },
      { headers: { [ASSERTION]: [{ value: "a.b.c" }, { value: 7 }] } },
      { headers: { [ASSERTION]: [{ value: "a.b.c" }, {}] } },
    ]) {
      expect(() => readAccessToken(request as never)).toThrow(expect.objectContaining(differing));
    }
  });

  test("offers all its cookies", () => {
    const cookies = [COOKIE, "x=1; CF_Authorization=d.e.f"];
    const expected = ["a.b.c", "d.e.f"];
    expect(readAccessToken({ headers: {}, cookies })).toEqual(expected);
    expect(readAccessToken({ multiValueHeaders: { cookie: cookies } })).toEqual(expected);
    expect(readAccessToken({ headers: { cookie: COOKIE }, cookies })).toEqual(expected);
    const listed = { cookie: cookies.map((value) => ({ key: "Cookie", value })) };
    expect(readAccessToken({ headers: listed })).toEqual(expected);
  });

  test("joins its cookies into one header, after that of the headers", () => {
    const cookies = [COOKIE, "x=1"];
    const cookie = "y=2";
    expect(headersOf({ headers: {}, cookies }).get("cookie")).toBe(`${COOKIE}; x=1`);
    expect(headersOf({ headers: { cookie }, cookies }).get("cookie")).toBe(`y=2; ${COOKIE}; x=1`);
    expect(headersOf({ headers: {}, cookies: [] }).get("cookie")).toBeNull();
  });

  test("keeps its own values when Object.prototype is polluted", async () => {
    const request = { headers: { [ASSERTION]: [{}] } };
    const members = { value: "a.b.c", cookies: [COOKIE], multiValueHeaders: { cookie: COOKIE } };
    const read = await polluted(members, () => [
      readAccessToken(request as never),
      readAccessToken({ headers: {} }),
    ]);
    expect(read).toEqual([[""], []]);
  });

  test("does not mistake a framework's parsed cookies for a gateway's", () => {
    const request = { headers: {}, cookies: { value: COOKIE, CF_Authorization: "a.b.c" } };
    expect(readAccessToken(request as never)).toEqual([]);
  });
});

describe("a value that is not a request", () => {
  class Context {
    readonly req = { raw: new Request("https://app.example") };
    get(): undefined {}
  }
  class ExecutionContext {
    switchToHttp(): void {}
  }
  class Later {
    // biome-ignore lint/suspicious/noThenProperty: as query builders and ORMs have it
    then(): void {}
  }
  const request = new Request("https://app.example");
  const BARE = "an object without headers";

  test.each([
    ["headers() without await", Promise.resolve(new Headers()), "Promise"],
    [
      "a request whose headers were not awaited",
      { headers: Promise.resolve(new Headers()) },
      "Promise",
    ],
    ["a request of a query for headers", { headers: new Later() }, "Later"],
    ["a context of Hono's, which has a get of its own", new Context(), "Context"],
    [
      "a request of Hono's",
      Object.assign(new ExecutionContext(), { raw: request }),
      "ExecutionContext",
    ],
    ["an event of SvelteKit's", { request, locals: {}, cookies: {}, fetch }, BARE],
    ["the arguments of a loader", { request, params: {}, context: {} }, BARE],
    ["a context with Node's request", { req: { headers: {} }, res: {} }, BARE],
    ["an event of CloudFront's", { Records: [{ cf: { request: { headers: {} } } }] }, BARE],
    ["an event of a gateway's without headers", { version: "2.0", headers: null }, BARE],
    ["a context of Nest's", new ExecutionContext(), "ExecutionContext"],
    ["a list of headers", [ASSERTION, "a.b.c"], "Array"],
    ["an address", new URL("https://app.example"), "URL"],
    ["a function", () => new Headers(), "Function"],
    ["a string", "a.b.c", "String"],
    ["null", null, "null"],
    ["undefined", undefined, "undefined"],
  ])("is a caller's mistake, and the message says what to pass: %s", async (_what, given, type) => {
    const sentence = `request must be a request or its headers (await headers(), c.req.raw, event.request), got ${type}`;
    expect(() => readAccessToken(given as never)).toThrow(new TypeError(sentence));
    const { verifyRequest, safeVerifyRequest } = createVerifier({
      team: "acme",
      audience: AUDIENCE,
    });
    await expect(verifyRequest(given as never)).rejects.toThrow(new TypeError(sentence));
    await expect(safeVerifyRequest(given as never)).rejects.toThrow(new TypeError(sentence));
  });

  test("does not include an empty object, or an object of headers with such names", () => {
    const none = [{}, Object.create(null), Object.create({}), new Headers(), { headers: {} }];
    for (const given of none) expect(readAccessToken(given)).toEqual([]);
    for (const name of ["request", "req", "constructor", "then", "Records"]) {
      for (const value of ["x", ["x"]]) {
        expect(readAccessToken({ [name]: value, [ASSERTION]: "a.b.c" })).toEqual(["a.b.c"]);
      }
    }
  });

  test("does not include a framework's own request", () => {
    const headers = { [ASSERTION.toLowerCase()]: "a.b.c" };
    class FastifyRequest {
      readonly raw = { headers };
      get headers(): Fields {
        return this.raw.headers;
      }
    }
    const koa = Object.create(
      {
        get: () => "",
        get headers() {
          return headers;
        },
      },
      { req: { value: { headers } } },
    );
    const express = { req: undefined, headers, get: () => "", cookies: {} };
    for (const given of [new FastifyRequest(), koa, express]) {
      expect(readAccessToken(given as never)).toEqual(["a.b.c"]);
    }
  });

  test("does not match a header of the same length", () => {
    for (const name of ["x-access-jwt-assertion1", "cf-access-jwt-assertiom"]) {
      expect(readAccessToken({ [name]: "x.y.z", cookie: COOKIE })).toEqual(["a.b.c"]);
    }
    expect(readAccessToken({ coookie: COOKIE, cookid: COOKIE })).toEqual([]);
  });

  test("has its assertion even when a gateway moved the cookies out of the headers", () => {
    const event = { headers: { [ASSERTION.toLowerCase()]: "d.e.f" }, cookies: [COOKIE] };
    expect(readAccessToken(event)).toEqual(["d.e.f"]);
  });

  test("has the cookies of its headers and those that a gateway moved out", () => {
    const event = { headers: { cookie: COOKIE }, cookies: ["CF_Authorization=d.e.f"] };
    expect(readAccessToken(event)).toEqual(["a.b.c", "d.e.f"]);
  });

  test("may have headers of its own class", () => {
    class Fields {
      readonly [name: string]: string;
    }
    const headers = Object.assign(new Fields(), { [ASSERTION]: "a.b.c" });
    expect(readAccessToken({ headers } as never)).toEqual(["a.b.c"]);
  });
});
