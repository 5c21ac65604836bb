import { afterAll, describe, expect, test, vi } from "vitest";
import { whileEveryoneHas } from "./everyone.ts";
import { findOptions, type OptionsSite } from "./find-options.ts";
import { misspell } from "./misspell.ts";
import { HANDED_OVER, NOT_OPTIONS } from "./not-options.ts";
import { makeRows, type Row } from "./rows.ts";
import { counted, watchDeeds } from "./watch.ts";

// Some calls make keys, which takes a while on a busy machine.
vi.setConfig({ testTimeout: 60_000 });

// What is thrown through a framework is what its own classes would carry.
vi.mock("h3", () => ({ createError: (details: object) => Object.assign(new Error(), details) }));
vi.mock("hono/http-exception", () => ({
  HTTPException: class extends Error {
    constructor(status: number, details: object) {
      super();
      Object.assign(this, details, { status });
    }
  },
}));
vi.mock("@sveltejs/kit", () => ({ error: () => {} }));
vi.mock("@nestjs/common", () => ({
  HttpException: class extends Error {
    constructor(_body: object, status: number) {
      super();
      Object.assign(this, { status });
    }
  },
  SetMetadata: () => () => {},
  createParamDecorator: () => () => {},
}));

vi.stubGlobal("location", { origin: "https://app.example" });
const remembered = new Map<string, string>();
vi.stubGlobal("sessionStorage", {
  getItem: (key: string) => remembered.get(key) ?? null,
  setItem: (key: string, value: string) => remembered.set(key, value),
});
// The page is shown again as soon as it was left.
vi.stubGlobal("addEventListener", (_type: string, show: () => void) => {
  remembered.clear();
  show();
});

const deeds = watchDeeds();

const types = new Set<string>();
const sites = findOptions((type) => {
  types.add(type);
  return Object.hasOwn(NOT_OPTIONS, type);
});
const isHandedOver = ({ site }: OptionsSite): boolean =>
  HANDED_OVER.some(([pattern]) => pattern.test(site));
const { rows, close } = await makeRows();
afterAll(close);

/** The valid calls of one place. */
const rowsOf = (site: string): Row[] =>
  [...rows].filter(([name]) => name.split(", ")[0] === site).map(([, row]) => row);

const known = sites.filter((site) => !isHandedOver(site));
const closed = known.filter(({ site }) => !rowsOf(site).some(({ open }) => open !== undefined));

describe("the table of calls", () => {
  test("has a row for everything exported that takes options, and no other", () => {
    // One that is missing here: write its row in `rows.ts`, or say why it is none in `not-options.ts`.
    const missing = known.filter(({ site }) => rowsOf(site).length === 0);
    expect(missing).toEqual([]);
    const named = new Set(known.map(({ site }) => site));
    const stale = [...rows.keys()].filter((name) => !named.has(name.split(", ")[0] ?? ""));
    expect(stale).toEqual([]);
  });

  test("passes over nothing that is no longer there", () => {
    expect(Object.keys(NOT_OPTIONS).filter((type) => !types.has(type))).toEqual([]);
    const unused = HANDED_OVER.filter(([pattern]) => !sites.some(({ site }) => pattern.test(site)));
    expect(unused).toEqual([]);
  });
});

/** What a call is refused with, before it has done anything. */
async function refusal({ call }: Row, options: object): Promise<string> {
  let called = 0;
  const before = deeds();
  try {
    await call(counted(options, () => called++) as never);
  } catch (error) {
    if (called > 0 || deeds() > before) return "too late";
    return error instanceof TypeError ? error.message : `${error}`;
  }
  return "no refusal";
}

describe("a name that is not known", () => {
  test.each(closed)("is refused, with the one that was meant: $site", async ({ site, names }) => {
    const wrong: string[] = [];
    for (const row of rowsOf(site)) {
      for (const name of names) {
        for (const spelling of misspell(name)) {
          if (names.includes(spelling)) continue;
          const message = await refusal(row, { ...row.least, [spelling]: 1 });
          const expected = `must not have "${spelling}", did you mean "${name}"?`;
          // Of the few letters of "ttl" nothing is near, and all names are listed.
          const isListed = spelling.length < 4 && message.split(/, (?:only )?/).includes(name);
          if (!(message.endsWith(expected) || isListed) || message.includes("\n"))
            wrong.push(`${spelling}: ${message}`);
        }
      }
    }
    expect(wrong).toEqual([]);
  });

  test.each(closed)("is refused without a value as well: $site", async ({ site, names }) => {
    for (const row of rowsOf(site)) {
      for (const name of names) {
        const message = await refusal(row, { ...row.least, [`${name}s`]: undefined });
        expect(message).toBe(await refusal(row, { ...row.least, [`${name}s`]: 1 }));
        expect(message).toContain(`"${name}s"`);
      }
    }
  });
});

describe("a name that is known", () => {
  test.each(closed)("is taken for one: $site", async ({ site, names }) => {
    for (const row of rowsOf(site)) {
      const all = Object.fromEntries(names.map((name) => [name, undefined]));
      const message = await refusal(row, { ...all, ...row.least, unheardOf: 1 });
      expect(message).toMatch(/^[\w ]+ must not have "unheardOf", only \w+(?:, \w+)*$/);
    }
  });
});

describe("options that are an instance of a class", () => {
  const isCall = ({ type }: OptionsSite): boolean => type === "CallOptions";
  class Options {
    unheardOf(): void {}
  }

  test.each(closed.filter((site) => !isCall(site)))("are closed as well: $site", async (at) => {
    for (const { least, call } of rowsOf(at.site)) {
      const options = Object.assign(new Options(), least);
      await expect(async () => call(options as never)).rejects.toThrow(/must not have "unheardOf"/);
    }
  });

  test.each(closed.filter(isCall))(
    "may have more, as an execution context does: $site",
    async (at) => {
      for (const { least, call } of rowsOf(at.site)) {
        const options = Object.assign(new Options(), least);
        expect(await call(options as never)).toEqual(await call(least as never));
      }
    },
  );
});

test("Fastify's own options of a plugin are taken beside those of the guard", async () => {
  const own = { prefix: "/api", logLevel: "warn", logSerializers: {} };
  const [{ least, call } = expect.fail()] = rowsOf("postern/fastify accessPlugin(options)");
  expect(await call({ ...least, ...own } as never)).toEqual(await call(least as never));
});

/** Values that would open a door; any other value would be refused. */
const HARM: Readonly<Record<string, unknown>> = {
  publicPaths: () => true,
  optional: true,
  allowPreflight: true,
};

describe("options that every object seems to have", () => {
  const hostile = new Map<string, unknown>();
  for (const { names } of sites)
    for (const name of names) hostile.set(name, HARM[name] ?? "hostile");

  test.each(known)("are not read, and change nothing: $site", async ({ site }) => {
    for (const { least, call } of rowsOf(site)) {
      const expected = await call(least as never);
      const { result, read } = await whileEveryoneHas(hostile, async () => call(least as never));
      expect(read).toEqual([]);
      expect(result).toEqual(expected);
    }
  });
});
