import { afterEach, beforeAll, describe, expect, test, vi } from "vitest";
import { createVerifier, type PosternEvent } from "../../src/index.ts";
import { markUnnamed } from "../../src/verify/unnamed-team.ts";
import { AUDIENCE, createSigner, ISSUER, now, type Signer, TEAM } from "../support/issuer.ts";

let signer: Signer;
beforeAll(async () => {
  signer = await createSigner();
});
afterEach(() => {
  vi.restoreAllMocks();
});

const create = createVerifier as unknown as (options: unknown, shared?: unknown) => unknown;

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

describe("several issuers", () => {
  const rival = { team: "rival", audience: AUDIENCE };
  const acme = { team: "acme", audience: AUDIENCE };

  test.each([
    ["one team twice", () => [acme, { ...acme, audience: "other" }]],
    ["one team in two spellings", () => [acme, { ...acme, team: `${TEAM}/` }]],
    [
      "a team and the same issuer",
      () => [acme, { issuer: TEAM, audience: "x", keys: { keys: [signer.jwk] } }],
    ],
  ])("are different ones: %s is refused", (_, entries) => {
    expect(mistake(() => create(entries()))).toMatch(/^entries must be .+ different issuers/);
  });

  test("are at least one", () => {
    expect(mistake(() => create([]))).toMatch(/^entries must be a non-empty array/);
  });

  test.each([undefined, null, "acme", 7, true, [[]], [null], ["acme"], [acme, undefined]])(
    "are objects: %j is not one",
    (options) => {
      expect(mistake(() => create(options))).toMatch(/^options must be an object/);
    },
  );

  test("are each a team or an issuer", () => {
    for (const options of [{}, { audience: AUDIENCE }, { ...acme, issuer: ISSUER }]) {
      expect(mistake(() => create(options))).toMatch(/^options must be an object with/);
      expect(mistake(() => create([rival, options]))).toMatch(/^options must be an object with/);
    }
  });

  test("name the empty one, such as a variable that is not set", () => {
    const nothing = { team: undefined, audience: AUDIENCE };
    expect(mistake(() => create(nothing))).toMatch(/^team must be a team name .+, got undefined$/);
    const nobody = { issuer: undefined, audience: AUDIENCE };
    expect(mistake(() => create(nobody))).toMatch(/^issuer must be .+, got undefined$/);
    expect(create({ ...acme, issuer: undefined })).toHaveProperty("verify");
    const keys = { keys: [signer.jwk] };
    const issuer = { team: undefined, issuer: ISSUER, audience: AUDIENCE, keys };
    expect(create(issuer)).toHaveProperty("verify");
  });

  test.each(["readToken", "maxTokenBytes", "verdictCache", "now", "onEvent"])(
    "share %s, which is refused in a single one",
    (option) => {
      const entries = [rival, { ...acme, [option]: undefined }];
      expect(() => create(entries)).toThrow(TypeError);
      expect(mistake(() => create(entries))).toMatch(
        new RegExp(`^${option} must be in the second argument`),
      );
    },
  );

  test.each([null, 7, "now", []])("share an object of options, not %j", (shared) => {
    expect(mistake(() => create([rival, acme], shared))).toMatch(/^options must be an object/);
  });

  test.each([
    ["now", 7],
    ["maxTokenBytes", 0],
    ["readToken", null],
  ])("share options that are checked as well: %s %j", (option, value) => {
    expect(mistake(() => create([rival, acme], { [option]: value }))).toMatch(
      new RegExp(`^${option} must be`),
    );
  });
});

describe("a check that names no team", () => {
  const refused = "check must name its team when several teams share it";
  const shared = (...checks: unknown[]): unknown =>
    create(checks.map((check, at) => ({ team: `team-${at}`, audience: AUDIENCE, check })));

  test("is refused where two teams share it or a part of it", () => {
    const part = {};
    const check = markUnnamed(() => true, [part]);
    const other = markUnnamed(() => true, [{}, part]);
    expect(() => shared(check, check)).toThrow(new TypeError(refused));
    expect(() => shared(check, other)).toThrow(new TypeError(refused));
  });

  test("is refused also when another copy of this package made it", () => {
    const check = Object.defineProperty(() => true, Symbol.for("postern.check"), { value: [{}] });
    expect(() => shared(check, check)).toThrow(new TypeError(refused));
  });

  test("is for one team, even if it has the same part twice", () => {
    const part = {};
    const check = markUnnamed(() => true, [part, part]);
    const other = markUnnamed(() => true, [{}]);
    expect(() => shared(check, other, undefined, () => true)).not.toThrow();
  });
});

describe("a loopback team", () => {
  const local = { team: "http://127.0.0.1:8788", audience: "local" };

  test("may not be mixed with a team that proves an identity", () => {
    const warn = vi.spyOn(console, "warn").mockImplementation(() => {});
    const real = { team: "acme", audience: AUDIENCE };
    const issuer = { issuer: ISSUER, audience: AUDIENCE, keys: { keys: [signer.jwk] } };
    for (const entries of [
      [local, real],
      [real, local],
      [issuer, local],
    ]) {
      expect(() => create(entries)).toThrow(TypeError);
      expect(mistake(() => create(entries))).toMatch(
        /^team must not be a loopback origin together/,
      );
    }
    expect(warn).not.toHaveBeenCalled();
  });

  test("announces itself once, by an event and a warning", () => {
    const warn = vi.spyOn(console, "warn").mockImplementation(() => {});
    const events: PosternEvent[] = [];
    create({ ...local, onEvent: (event: PosternEvent) => events.push(event), now });
    expect(events).toEqual([{ type: "loopback_team", issuer: "http://127.0.0.1:8788" }]);
    expect(warn).toHaveBeenCalledOnce();
    expect(warn.mock.calls[0]?.[0]).toContain("http://127.0.0.1:8788");
  });

  test("may be used beside another one, and a listener that throws has no effect", () => {
    vi.spyOn(console, "warn").mockImplementation(() => {});
    const onEvent = (): never => {
      throw new Error("no listener");
    };
    const other = { team: "http://localhost:8789", audience: "local" };
    expect(() => create([local, other], { onEvent })).not.toThrow();
  });

  test("is the only kind of team that announces itself", () => {
    const warn = vi.spyOn(console, "warn").mockImplementation(() => {});
    const onEvent = vi.fn();
    create({ team: "acme", audience: AUDIENCE, onEvent });
    for (const issuer of [ISSUER, "http://127.0.0.1:8788"]) {
      create({ issuer, audience: AUDIENCE, keys: { keys: [signer.jwk] }, onEvent });
    }
    expect([...warn.mock.calls, ...onEvent.mock.calls]).toEqual([]);
  });
});
