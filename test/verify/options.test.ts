import { beforeAll, describe, expect, test, vi } from "vitest";
import { createVerifier, type Verifier } from "../../src/index.ts";
import { AUDIENCE, apiClaims, createSigner, ISSUER, type Signer } from "../support/issuer.ts";

type Options = { [option: string]: unknown };

let signer: Signer;
beforeAll(async () => {
  signer = await createSigner();
});

const create = createVerifier as unknown as (options: unknown, shared?: unknown) => unknown;

const teamWith = (options: Options = {}): unknown =>
  create({ team: "acme", audience: AUDIENCE, ...options });

const issuerWith = (options: Options = {}): unknown =>
  create({ issuer: ISSUER, audience: AUDIENCE, keys: { keys: [signer.jwk] }, ...options });

/** The one message for a mistake: option, expected, type given. */
function mistake(act: () => unknown): string {
  try {
    act();
  } catch (error) {
    expect([TypeError, RangeError]).toContain((error as Error).constructor);
    const { message } = error as Error;
    expect(message).toMatch(/^[\w. ()]+ must .+$/);
    expect(message).not.toContain("\n");
    return message;
  }
  throw new Error("expected a mistake to be refused");
}

describe("a team", () => {
  test.each([
    ["an empty environment variable", "", "an empty string"],
    ["userinfo", "https://kim:hunter2@acme.cloudflareaccess.com", "another string"],
    ["null", null, "null"],
    ["a number", 7, "number"],
    ["a list", ["acme"], "an array"],
  ])("is refused when it is %s", (_, team, type) => {
    const message = mistake(() => teamWith({ team }));
    expect(message).toMatch(/^team must be a team name like "acme"/);
    expect(message).toMatch(new RegExp(`, got ${type}$`));
    expect(message).not.toContain("hunter2");
  });

  test.each(["user", "", null, "App", 0])("takes no token type %j", (tokenType) => {
    expect(mistake(() => teamWith({ tokenType }))).toMatch(/^tokenType must be "app", "org" or/);
  });

  test.each(["app", "org", "any"])("takes the token type %j", (tokenType) => {
    expect(() => teamWith({ tokenType })).not.toThrow();
  });

  test.each([null, 7, "options", []])("takes no key set options %j", (remote) => {
    expect(mistake(() => teamWith({ remote }))).toMatch(/^remote must be an object/);
  });

  test("takes its key set options, or keys, and not both", () => {
    const keys = { keys: [signer.jwk] };
    expect(mistake(() => teamWith({ keys, remote: {} }))).toMatch(/^remote must be/);
    expect(mistake(() => issuerWith({ remote: {} }))).toBe(
      "remote must be left out, because it is for a team without keys, got object",
    );
  });

  test.each([
    ["timeoutSeconds", 0],
    ["timeoutSeconds", "5"],
    ["maxBytes", -1],
    ["staleIfErrorSeconds", Number.NaN],
    ["fetch", "fetch"],
  ])("is refused at once with key set options like: %s %j", (option, value) => {
    const message = mistake(() => teamWith({ remote: { [option]: value } }));
    expect(message).toMatch(new RegExp(`^${option} must be`));
  });
});

describe("an option of a team's key set without a value", () => {
  test("counts as absent: the verifier's own clock and listener are used", async () => {
    const told: string[] = [];
    const asked = vi.fn(() => Date.now());
    const { prefetch } = createVerifier({
      team: "acme",
      audience: AUDIENCE,
      now: asked,
      onEvent: ({ type }) => told.push(type),
      remote: {
        now: undefined,
        onEvent: undefined,
        timeoutSeconds: undefined,
        fetch: async () => Response.json({ keys: [signer.jwk] }),
      },
    });
    await prefetch();
    expect(told).toContain("refresh_succeeded");
    expect(asked).toHaveBeenCalled();
  });
});

describe("an issuer", () => {
  test.each([
    ["", "an empty string"],
    [null, "null"],
    [7, "number"],
    [[ISSUER], "an array"],
    [{}, "object"],
  ])("is refused when it is %j", (issuer, type) => {
    expect(mistake(() => issuerWith({ issuer }))).toMatch(
      new RegExp(`^issuer must be a non-empty string.*, got ${type}$`),
    );
  });

  test.each([
    [undefined, "undefined"],
    [null, "null"],
    ["https://issuer.example/jwks", "string"],
    [{}, "object"],
    [{ keys: {} }, "object"],
    [[], "an empty array"],
    [[{}], "an array"],
  ])("is refused with the keys %j", (keys, type) => {
    expect(mistake(() => issuerWith({ keys }))).toMatch(
      new RegExp(`^keys must be a JWK set, .+, got ${type}$`),
    );
  });

  test("takes no token type, which is for a team", () => {
    expect(() => issuerWith({ tokenType: undefined })).not.toThrow();
    expect(mistake(() => issuerWith({ tokenType: "app" }))).toBe(
      "tokenType must be left out, because it is for a team, got string",
    );
  });

  test("tells its listener which keys it skips", () => {
    const onEvent = vi.fn();
    const keys = { keys: [signer.jwk, { ...signer.jwk, kid: "other", use: "enc" }] };
    issuerWith({ keys, onEvent });
    expect(onEvent).toHaveBeenCalledExactlyOnceWith({
      type: "key_skipped",
      kid: "other",
      reason: "use is not sig",
    });
  });

  test("is refused with keys of which none is usable, and each reason", () => {
    const keys = { keys: [{ ...signer.jwk, use: "enc" }] };
    expect(mistake(() => issuerWith({ keys }))).toContain("keys[0]: use is not sig");
  });
});

describe("an audience", () => {
  test.each([
    ["an empty environment variable", "", "an empty string"],
    ["an absent one", undefined, "undefined"],
    ["null", null, "null"],
    ["an empty list", [], "an empty array"],
    ["a list with an empty element", [AUDIENCE, ""], "an empty string"],
    ["a list with an absent element", [undefined], "undefined"],
    ["a list with null", [null], "null"],
    ["a list with a number", [AUDIENCE, 7], "number"],
    ["a list in a list", [[AUDIENCE]], "an array"],
    ["a number", 0, "number"],
    ["false", false, "boolean"],
    ["an object", {}, "object"],
    ["a pattern", /./, "object"],
    ["a set", new Set([AUDIENCE]), "object"],
  ])("is refused when it is %s: an empty value never means any audience", (_, audience, type) => {
    for (const act of [() => teamWith({ audience }), () => issuerWith({ audience })]) {
      expect(mistake(act)).toMatch(
        new RegExp(`^audience must be a non-empty string.*, got ${type}$`),
      );
    }
  });
});

describe("a number", () => {
  test.each([
    ["clockToleranceSeconds", -1],
    ["clockToleranceSeconds", -0.001],
    ["clockToleranceSeconds", 301],
    ["clockToleranceSeconds", Number.NaN],
    ["clockToleranceSeconds", Number.POSITIVE_INFINITY],
    ["maxTokenAgeSeconds", -1],
    ["maxTokenAgeSeconds", Number.NaN],
    ["maxTokenAgeSeconds", Number.POSITIVE_INFINITY],
    ["maxTokenBytes", 0],
    ["maxTokenBytes", -1],
    ["maxTokenBytes", Number.NaN],
    ["maxTokenBytes", Number.POSITIVE_INFINITY],
  ])("is refused out of its bounds: %s %d", (option, value) => {
    expect(() => issuerWith({ [option]: value })).toThrow(RangeError);
    expect(mistake(() => issuerWith({ [option]: value }))).toMatch(
      new RegExp(`^${option} must be a number from \\S+ to \\S+, got (?:number|NaN)$`),
    );
  });

  test.each(["clockToleranceSeconds", "maxTokenAgeSeconds", "maxTokenBytes"])(
    "is refused when it is no number: %s",
    (option) => {
      for (const value of ["60", null, true, 60n, [60], {}, new Date()]) {
        expect(() => issuerWith({ [option]: value })).toThrow(TypeError);
        expect(mistake(() => issuerWith({ [option]: value }))).toMatch(
          new RegExp(`^${option} must be a number from`),
        );
      }
    },
  );

  test("may be at its bounds", () => {
    for (const clockToleranceSeconds of [0, 0.5, 300]) {
      expect(() => issuerWith({ clockToleranceSeconds })).not.toThrow();
    }
    expect(() => issuerWith({ maxTokenAgeSeconds: 0, maxTokenBytes: 1 })).not.toThrow();
  });
});

describe("names", () => {
  test.each(["requiredClaims", "acceptedHeaderTypes"])("are a list of known ones: %s", (option) => {
    for (const value of ["role", 7, {}, [""], ["role", ""], [7], [null], [["role"]]]) {
      expect(mistake(() => issuerWith({ [option]: value }))).toMatch(
        new RegExp(`^${option} must be .+, got \\w+`),
      );
    }
    expect(() => issuerWith({ [option]: ["role"] })).not.toThrow();
  });
});

describe("a switch", () => {
  test.each([null, 1, "true", []])("is on or off, not %j", (requireHeaderType) => {
    expect(mistake(() => issuerWith({ requireHeaderType }))).toMatch(
      /^requireHeaderType must be a boolean, got /,
    );
  });

  test("refuses a token without a type when it is on", async () => {
    const claims = { ...apiClaims(), exp: Date.now() / 1000 + 60 };
    const token = await signer.token(claims, { typ: undefined });
    for (const requireHeaderType of [true, false, undefined]) {
      const { safeVerify } = issuerWith({ requireHeaderType }) as Verifier<unknown>;
      expect((await safeVerify(token)).ok).toBe(requireHeaderType !== true);
    }
  });
});

describe("a single entry", () => {
  test.each([{}, null])("takes no shared options beside it: %j", (beside) => {
    const options = { team: "acme", audience: AUDIENCE };
    expect(mistake(() => create(options, beside))).toMatch(
      /^shared options must be left out with a single entry, got /,
    );
  });
});

describe("functions", () => {
  test.each(["check", "now", "onEvent", "readToken"])("are functions: %s", (option) => {
    for (const value of [null, true, "now", 7, {}, []]) {
      expect(mistake(() => issuerWith({ [option]: value }))).toMatch(
        new RegExp(`^${option} must be a function, got \\w+`),
      );
    }
  });
});

describe("a verdict cache", () => {
  test.each([true, null, 0, 1000, "off", []])("is off or has options: %j", (verdictCache) => {
    expect(mistake(() => issuerWith({ verdictCache }))).toMatch(
      /^verdictCache must be false or an object, got /,
    );
  });

  test("has no option of another name", () => {
    expect(mistake(() => issuerWith({ verdictCache: { max: 7 } }))).toMatch(
      /^verdictCache must not have "max", /,
    );
  });

  test.each([0, -1, Number.NaN, Number.POSITIVE_INFINITY, "1000", null])(
    "holds a number of entries, not %s",
    (maxEntries) => {
      expect(mistake(() => issuerWith({ verdictCache: { maxEntries } }))).toMatch(
        /^maxEntries must be a number/,
      );
    },
  );
});
