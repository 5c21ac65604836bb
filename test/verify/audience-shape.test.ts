import { afterEach, describe, expect, test, vi } from "vitest";
import { createVerifier, discoverKeySet, type PosternEvent } from "../../src/index.ts";
import { publicJwk } from "../support/public-jwk.ts";

const AUD = "0123456789abcdef".repeat(4);
const jwks = { keys: [publicJwk("key")] };

afterEach(() => {
  vi.restoreAllMocks();
});

describe("an audience that an env file, a shell or a secret store has changed", () => {
  const AROUND: readonly [extra: string, audience: string][] = [
    ["white space around it", `${AUD}\n`],
    ["white space around it", `${AUD}\r\n`],
    ["white space around it", ` ${AUD}`],
    ["white space around it", "\t"],
    ["white space around it", `\ufeff${AUD}`],
    ["quotes around it", `"${AUD}"`],
    ["quotes around it", `'${AUD}'`],
    ["quotes around it", `"${AUD}`],
    ["quotes around it", `\u201c${AUD}\u201d`],
    ["quotes around it", `\u2018${AUD}\u2019`],
    ["quotes around it", `\u201e${AUD}\u201c`],
    ["quotes around it", `${AUD}\u201d`],
    ["a comma at its end", `${AUD},`],
    ["a comma at its end", `${AUD},${AUD},`],
    ["JSON around it; several values are an array", `["${AUD}"]`],
    ["JSON around it; several values are an array", `["${AUD}","${AUD}"]`],
    ["JSON around it; several values are an array", `[\n  "${AUD}",\n  "${AUD}"\n]`],
    ["JSON around it; several values are an array", `[${AUD}]`],
    ["JSON around it; several values are an array", "[]"],
    ["JSON around it; several values are an array", `{"audience":"${AUD}"}`],
  ];
  const JOINED: readonly [extra: string, audience: string][] = [
    ["spaces, commas or semicolons in it", `${AUD},${AUD}`],
    ["spaces, commas or semicolons in it", `${AUD}, ${AUD}`],
    ["spaces, commas or semicolons in it", `${AUD} ${AUD}`],
    ["spaces, commas or semicolons in it", `${AUD};${AUD}`],
    ["spaces, commas or semicolons in it", `${AUD}\n${AUD}`],
  ];

  test.each([...AROUND, ...JOINED])("is refused for a team: %s", (extra, audience) => {
    const says = new TypeError(`audience must be given without ${extra}`);
    expect(() => createVerifier({ team: "acme", audience })).toThrow(says);
    expect(() => createVerifier({ team: "acme", audience: [AUD, audience] })).toThrow(says);
  });

  test.each(AROUND)("is refused for an issuer: %s", (extra, audience) => {
    const says = new TypeError(`audience must be given without ${extra}`);
    const options = { issuer: "https://issuer.example", keys: jwks };
    expect(() => createVerifier({ ...options, audience })).toThrow(says);
  });

  test.each(["https://api.example/a,b", "my api", "a;b", "[prod] api", "api (prod)", "l'api"])(
    "may be any other text for an issuer: %s",
    (audience) => {
      createVerifier({ issuer: "https://issuer.example", audience, keys: jwks });
    },
  );
});

describe("an issuer that an env file, a shell or a secret store has changed", () => {
  const ISSUER = "https://issuer.example";

  test.each([
    ["white space around it", `${ISSUER}\n`],
    ["white space around it", ` ${ISSUER}`],
    ["quotes around it", `"${ISSUER}"`],
    ["quotes around it", `\u201c${ISSUER}\u201d`],
    ["a comma at its end", `${ISSUER},`],
    ["JSON around it; several values are an array", `["${ISSUER}"]`],
  ])("is refused: %s", (extra, issuer) => {
    const says = new TypeError(`issuer must be given without ${extra}`);
    expect(() => createVerifier({ issuer, audience: "api", keys: jwks })).toThrow(says);
    expect(() => discoverKeySet(issuer)).toThrow(says);
  });

  test.each([ISSUER, `${ISSUER}/`, "accounts.example", "issuer, the old one"])(
    "may be any other text: %s",
    (issuer) => {
      createVerifier({ issuer, audience: "api", keys: jwks });
    },
  );
});

describe("an audience that is not an AUD tag", () => {
  function announced(options: object): [PosternEvent[], unknown[][]] {
    const events: PosternEvent[] = [];
    const warn = vi.spyOn(console, "warn").mockImplementation(() => {});
    createVerifier({
      team: "acme",
      keys: jwks,
      onEvent: (event: PosternEvent) => events.push(event),
      ...options,
    } as never);
    return [events, warn.mock.calls];
  }

  test.each(["wiki", AUD.slice(1), AUD.toUpperCase(), `${AUD}0`, "https://wiki.example"])(
    "is announced once, by event and on the console: %s",
    (tag) => {
      const [events, lines] = announced({ audience: [AUD, tag] });
      expect(events).toEqual([
        { type: "unusual_audience", issuer: "https://acme.cloudflareaccess.com" },
      ]);
      expect(lines).toEqual([
        [
          "postern: an audience for https://acme.cloudflareaccess.com is not an AUD tag, which has 64 hex digits",
        ],
      ]);
    },
  );

  test("is not announced when every tag is one", () => {
    expect(announced({ audience: [AUD, AUD.replaceAll("0", "f")] })).toEqual([[], []]);
  });

  test("is not announced for Local Access, which announces itself, or for another issuer", () => {
    const [events] = announced({ team: "http://127.0.0.1:8788", audience: "wiki" });
    expect(events.map(({ type }) => type)).toEqual(["loopback_team"]);
    vi.restoreAllMocks();
    expect(
      announced({ team: undefined, issuer: "https://issuer.example", audience: "wiki" }),
    ).toEqual([[], []]);
  });
});
