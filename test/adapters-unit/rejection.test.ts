import { describe, expect, it } from "vitest";
import { rejectionOf, toError, toResponse } from "../../src/adapters/rejection.ts";
import { KeySetError, TokenError, type TokenErrorCode } from "../../src/errors.ts";

const SECRET = "eyJhbGciOiJSUzI1NiJ9.secret.secret";

describe("the one rule for all adapters", () => {
  it("answers 401 with a plain challenge to a request without a token", () => {
    const { status, headers } = rejectionOf(new TokenError("token_missing"));
    expect(status).toBe(401);
    expect(headers["www-authenticate"]).toBe('Bearer realm="Cloudflare Access"');
  });

  it.each<TokenErrorCode>([
    "token_expired",
    "signature_invalid",
    "key_not_found",
    "token_malformed",
  ])("answers 401 and invalid_token to %s", (code) => {
    const { status, headers } = rejectionOf(new TokenError(code));
    expect(status).toBe(401);
    expect(headers["www-authenticate"]).toContain('error="invalid_token"');
  });

  it("answers 403, without a challenge, to a genuine token that the check refused", () => {
    const { status, headers } = rejectionOf(new TokenError("forbidden", { verified: true }));
    expect(status).toBe(403);
    expect(headers).not.toHaveProperty("www-authenticate");
  });

  it.each([
    [undefined, "1"],
    [0, "1"],
    [0.2, "1"],
    [7.5, "8"],
    [Number.NaN, "1"],
    [Number.POSITIVE_INFINITY, "1"],
    [-3, "1"],
    [86_399, "86399"],
    [86_399.5, "1"],
    [86_400, "1"],
  ])("answers 503 when there are no keys, with a Retry-After of %s s", (given, told) => {
    const { status, headers } = rejectionOf(
      new KeySetError("backing_off", { retryAfterSeconds: given }),
    );
    expect(status).toBe(503);
    expect(headers["retry-after"]).toBe(told);
  });

  it.each([undefined, null, "route", { status: 200 }, new Response("in"), Object.create(null), 0])(
    "answers 500 to any other thrown value, and wraps it in an error",
    (thrown) => {
      const { status, error, isFault } = rejectionOf(thrown);
      expect(status).toBe(500);
      expect(isFault).toBe(true);
      expect(error).toBeInstanceOf(Error);
      expect(error.message).toBe("verification threw a non-Error");
      expect(error.cause).toBe(thrown);
    },
  );

  it("ignores the status that a thrown error carries", () => {
    const error = Object.assign(new Error("welcome"), { status: 200, statusCode: 200, code: "ok" });
    expect(rejectionOf(error)).toMatchObject({ status: 500, isFault: true, error });
  });

  it("forbids every answer to be stored, and shows nothing of the error in it", async () => {
    const errors = [
      new TokenError("claim_invalid", { claim: "email", actual: SECRET, kid: SECRET }),
      new TokenError("forbidden", { cause: new Error(SECRET) }),
      new KeySetError("http_status", { url: `https://x.example/${SECRET}`, upstreamStatus: 502 }),
      new Error(SECRET),
    ];
    for (const accept of ["text/html", "application/json"]) {
      for (const error of errors) {
        const response = toResponse(rejectionOf(error, accept));
        expect(response.headers.get("cache-control")).toBe("no-store");
        const told = `${await response.text()} ${JSON.stringify([...response.headers])}`;
        expect(told).not.toContain("secret");
        expect(told).not.toContain("x.example");
      }
    }
  });
});

describe("the body", () => {
  it.each([
    ["application/json", true],
    ["application/problem+json", true],
    ["application/vnd.api+json", true],
    ["APPLICATION/JSON; charset=utf-8", true],
    ["application/json, text/plain, */*", false],
    ["application/json;q=0.9, text/html;q=0.8", true],
    ["text/html, application/json;q=0.9", false],
    ["application/json;q=0", false],
    ["application/json;q=nonsense", false],
    ["application/json;q=0.123", true],
    ["application/json;q=0.1234", false],
    ["application/json;q=1.", true],
    ["application/json;q=1x", false],
    ["application/json;q=x1", false],
    ["application/json;q=2", false],
    ["application/json;q=21", false],
    ["application/json;q=0.x", false],
    ["application/json;q=", false],
    ["application/json ; v=1; q=0.4 , text/html ;q=0.5", false],
    ["application/json ; v=1; Q=0.6 , text/html ;q=0.5", true],
    ["application/json;q=0.9,application/json;q=0.1,text/html;q=0.5", true],
    ["application/json;q=0.6,text/html;q=0.9,text/plain;q=0.1", false],
    ["application/json,text/html;q=0,text/plain;q=1", false],
    ["application/json;q=0.5, text/*", false],
    ["application/json, x/text/", true],
    ["application/jsonx", false],
    ["xapplication/json", false],
    ["application/+json", false],
    ["application/a b+json", false],
    ["application/v1.a-b+json", true],
    [`${"a".repeat(1007)},application/json`, true],
    [`${"a".repeat(1008)},application/json`, false],
    ["*/*", false],
    ["", false],
    [undefined, false],
    [null, false],
    [`${"a,".repeat(9000)}application/json`, false],
  ])("is a problem where the client prefers JSON: %s", (accept, isJson) => {
    const { body, contentType } = rejectionOf(new TokenError("token_missing"), accept);
    if (isJson) {
      expect(contentType).toBe("application/problem+json");
      expect(JSON.parse(body)).toEqual({ type: "about:blank", title: "Unauthorized", status: 401 });
    } else {
      expect(contentType).toBe("text/plain; charset=utf-8");
      expect(body).toBe("Unauthorized\n");
    }
  });
});

describe("an error for frameworks that handle thrown errors", () => {
  it("gives only the status, and keeps the reason as its cause", () => {
    const reason = new TokenError("token_expired");
    const error = toError(rejectionOf(reason));
    expect(error).toMatchObject({ status: 401, statusCode: 401, expose: true, cause: reason });
    expect(error.message).toBe("Unauthorized");
    expect(error).toHaveProperty("headers.cache-control", "no-store");
  });

  it("is the application's own exception, if it threw one", () => {
    const fault = new RangeError("a bug");
    expect(toError(rejectionOf(fault))).toBe(fault);
  });
});
