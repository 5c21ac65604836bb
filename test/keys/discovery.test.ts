import { describe, expect, test } from "vitest";
import { createVerifier, type DiscoveryOptions, discoverKeySet } from "../../src/index.ts";
import { AUDIENCE } from "../support/issuer.ts";
import { decideChance, under } from "../support/key-set-story.ts";
import { publicJwk } from "../support/public-jwk.ts";
import { respond, type Script } from "../support/scripted-origin.ts";
import { createSigningKey } from "../support/signing-key.ts";
import { atOnce, type StoryClock, startClock } from "../support/story-clock.ts";

const ISSUER = "https://issuer.example";
const DOCUMENT = `${ISSUER}/.well-known/openid-configuration`;
const JWKS = `${ISSUER}/jwks`;

const first = publicJwk("first");
const second = publicJwk("second");

/** Two documents on the web, which a test can replace, and the requests for them. */
function beginWeb(pages: Record<string, Script | undefined> = {}) {
  const clock: StoryClock = startClock();
  decideChance(0);
  const web: Record<string, Script | undefined> = {
    [DOCUMENT]: { body: { issuer: ISSUER, jwks_uri: JWKS } },
    [JWKS]: { body: { keys: [first] } },
    ...pages,
  };
  const asked: string[] = [];
  const sent: Record<string, string>[] = [];
  const options: DiscoveryOptions = {
    now: clock.now,
    async fetch(url, { headers }) {
      asked.push(url);
      sent.push(headers);
      return respond(web[url] ?? { status: 404 });
    },
  };
  return { clock, web, asked, sent, options };
}

describe("discovery", () => {
  test("finds the keys through the issuer's own document", async () => {
    const { asked, options } = beginWeb();
    const keys = discoverKeySet(ISSUER, options);
    expect(await atOnce(keys.find(under("first")))).toHaveLength(1);
    expect(asked).toEqual([DOCUMENT, JWKS]);
    expect(keys.state.kids).toEqual(["first"]);
  });

  test("asks for nothing before the first token", () => {
    const { asked, options } = beginWeb();
    discoverKeySet(ISSUER, options);
    expect(asked).toEqual([]);
  });

  for (const { issuer, document } of [
    { issuer: "https://issuer.example/", document: DOCUMENT },
    {
      issuer: "https://issuer.example/realms/one",
      document: "https://issuer.example/realms/one/.well-known/openid-configuration",
    },
    {
      issuer: "http://127.0.0.1:9",
      document: "http://127.0.0.1:9/.well-known/openid-configuration",
    },
  ]) {
    test(`of ${issuer} reads ${document}`, async () => {
      const origin = new URL(issuer).origin;
      const { asked, options } = beginWeb({
        [document]: { body: { issuer, jwks_uri: `${origin}/keys` } },
        [`${origin}/keys`]: { body: { keys: [first] } },
      });
      expect(await atOnce(discoverKeySet(issuer, options).find(under("first")))).toHaveLength(1);
      expect(asked[0]).toBe(document);
    });
  }

  test("verifies tokens of the issuer", async () => {
    const signer = await createSigningKey("signer");
    const { clock, options } = beginWeb({ [JWKS]: { body: { keys: [signer.jwk] } } });
    const verifier = createVerifier({
      issuer: ISSUER,
      audience: AUDIENCE,
      keys: discoverKeySet(ISSUER, options),
      now: clock.now,
    });
    const verified = await atOnce(
      verifier.verify(await signer.token({ iss: ISSUER, sub: "user-1" })),
    );
    expect(verified.payload.sub).toBe("user-1");
  });

  test("reads the document again at every refresh, so that keys may move", async () => {
    const { web, asked, options } = beginWeb();
    const keys = discoverKeySet(ISSUER, options);
    await atOnce(keys.prefetch());
    web[DOCUMENT] = { body: { issuer: ISSUER, jwks_uri: `${ISSUER}/new-home` } };
    web[`${ISSUER}/new-home`] = { body: { keys: [second] } };
    await atOnce(keys.refresh());
    expect(keys.state.kids).toEqual(["second"]);
    expect(asked).toHaveLength(4);
  });

  test("shares one exchange, keeps stale-if-error and backs off, like any remote set", async () => {
    const { clock, web, asked, options } = beginWeb();
    const keys = discoverKeySet(ISSUER, options);
    await atOnce(Promise.all(Array.from({ length: 50 }, () => keys.find(under("first")))));
    expect(asked).toHaveLength(2);
    web[DOCUMENT] = { status: 503, headers: { "retry-after": "120" } };
    await clock.elapse(1200);
    expect(await atOnce(keys.find(under("first")))).toHaveLength(1);
    await expect(atOnce(keys.refresh())).rejects.toMatchObject({ code: "backing_off" });
    expect(asked).toHaveLength(3);
  });

  test("sends the keys' validator only with requests for the keys", async () => {
    const { web, sent, options } = beginWeb();
    web[JWKS] = { body: { keys: [first] }, headers: { etag: '"one"' } };
    const keys = discoverKeySet(ISSUER, options);
    await atOnce(keys.prefetch());
    await atOnce(keys.refresh());
    expect(sent.map((headers) => headers["if-none-match"])).toEqual([
      undefined,
      undefined,
      undefined,
      '"one"',
    ]);
  });
});

describe("a document", () => {
  const body = { issuer: ISSUER, jwks_uri: JWKS };
  for (const { name, page, code } of [
    { name: "is of another issuer", page: { body: { ...body, issuer: "https://evil.example" } } },
    {
      name: "spells the issuer with an extra slash",
      page: { body: { ...body, issuer: `${ISSUER}/` } },
    },
    { name: "names no issuer", page: { body: { jwks_uri: JWKS } } },
    { name: "names several issuers", page: { body: { ...body, issuer: [ISSUER] } } },
    { name: "names no keys", page: { body: { issuer: ISSUER } } },
    {
      name: "names keys with a value that is not a string",
      page: { body: { ...body, jwks_uri: { href: JWKS } } },
    },
    {
      name: "names keys over http",
      page: { body: { ...body, jwks_uri: "http://issuer.example/jwks" } },
    },
    {
      name: "names keys on another origin",
      page: { body: { ...body, jwks_uri: "https://evil.example/jwks" } },
    },
    {
      name: "names keys on another port",
      page: { body: { ...body, jwks_uri: "https://issuer.example:8443/jwks" } },
    },
    {
      name: "names keys on this machine",
      page: { body: { ...body, jwks_uri: "http://127.0.0.1/jwks" } },
    },
    {
      name: "names keys with userinfo",
      page: { body: { ...body, jwks_uri: "https://issuer.example@evil.example/jwks" } },
    },
    { name: "names keys by a path", page: { body: { ...body, jwks_uri: "/jwks" } } },
    { name: "is HTML", page: { body: "<!doctype html>" }, code: "not_json" },
    { name: "is an array", page: { body: [body] }, code: "not_json" },
    { name: "is an error", page: { status: 500, body }, code: "http_status" },
    {
      name: "is a redirect",
      page: { status: 302, headers: { location: "https://evil.example/" } },
      code: "redirected",
    },
    { name: "is a 304 without a validator", page: { status: 304 }, code: "http_status" },
    {
      name: "is too large",
      page: { body: { ...body, padding: "x".repeat(300_000) } },
      code: "response_too_large",
    },
  ] as { name: string; page: Script; code?: string }[]) {
    test(`that ${name} is refused, and nothing else is requested`, async () => {
      const { asked, options } = beginWeb({
        [DOCUMENT]: page,
        "https://evil.example/jwks": { body: { keys: [second] } },
      });
      const keys = discoverKeySet(ISSUER, options);
      await expect(atOnce(keys.refresh())).rejects.toMatchObject({
        code: code ?? "discovery_mismatch",
        status: 503,
      });
      expect(asked).toEqual([DOCUMENT]);
      expect(keys.state.standing).toBe("none");
    });
  }

  test("with an inherited issuer is refused", async () => {
    const { options } = beginWeb({
      [DOCUMENT]: { body: `{"__proto__":{"issuer":"${ISSUER}","jwks_uri":"${JWKS}"}}` },
    });
    await expect(atOnce(discoverKeySet(ISSUER, options).refresh())).rejects.toMatchObject({
      code: "discovery_mismatch",
    });
  });

  test("that turns bad leaves the earlier keys in use", async () => {
    const { web, options } = beginWeb();
    const keys = discoverKeySet(ISSUER, options);
    await atOnce(keys.prefetch());
    web[DOCUMENT] = { body: { ...body, issuer: "https://evil.example" } };
    await expect(atOnce(keys.refresh())).rejects.toMatchObject({ code: "discovery_mismatch" });
    expect(keys.known(under("first"))).toHaveLength(1);
  });

  test("with Retry-After is not requested again before that time", async () => {
    const { clock, asked, options } = beginWeb({
      [DOCUMENT]: { status: 503, headers: { "retry-after": "120" } },
    });
    const keys = discoverKeySet(ISSUER, options);
    await expect(atOnce(keys.refresh())).rejects.toMatchObject({ upstreamStatus: 503 });
    await clock.elapse(119);
    await expect(atOnce(keys.refresh())).rejects.toMatchObject({ code: "backing_off" });
    expect(asked).toHaveLength(1);
  });
});

describe("keys elsewhere", () => {
  const elsewhere = "https://keys.example/jwks";
  const page = { body: { issuer: ISSUER, jwks_uri: elsewhere } };

  test("are taken from an origin that the operator listed", async () => {
    const { asked, options } = beginWeb({
      [DOCUMENT]: page,
      [elsewhere]: { body: { keys: [second] } },
    });
    const keys = discoverKeySet(ISSUER, { ...options, jwksOrigins: ["https://keys.example"] });
    expect(await atOnce(keys.find(under("second")))).toHaveLength(1);
    expect(asked).toEqual([DOCUMENT, elsewhere]);
  });

  test("are not taken from an origin that only looks like it", async () => {
    for (const jwks_uri of [
      "https://keys.example.evil.example/jwks",
      "https://keys.example:8443/jwks",
      "https://evil.example/https://keys.example/jwks",
    ]) {
      const { options } = beginWeb({ [DOCUMENT]: { body: { issuer: ISSUER, jwks_uri } } });
      const keys = discoverKeySet(ISSUER, { ...options, jwksOrigins: ["https://keys.example"] });
      await expect(atOnce(keys.refresh())).rejects.toMatchObject({ code: "discovery_mismatch" });
    }
  });
});

describe("both documents together", () => {
  test("share the time limit of one exchange", async () => {
    const { clock, options } = beginWeb();
    const slowly = async (
      url: string,
      init: Parameters<NonNullable<DiscoveryOptions["fetch"]>>[1],
    ) => {
      await new Promise((resolve) => setTimeout(resolve, 3000));
      return (options.fetch as NonNullable<DiscoveryOptions["fetch"]>)(url, init);
    };
    const keys = discoverKeySet(ISSUER, { ...options, fetch: slowly });
    const refreshed = keys.refresh();
    refreshed.catch(() => {});
    await clock.elapse(5);
    await expect(atOnce(refreshed)).rejects.toMatchObject({ code: "fetch_timeout" });
  });

  test("stop when the exchange is aborted: the second is not requested after the time limit", async () => {
    const { clock, asked, options } = beginWeb();
    const fetch: NonNullable<DiscoveryOptions["fetch"]> = async (url) => {
      asked.push(url);
      await new Promise((resolve) => setTimeout(resolve, 6000));
      return respond({ body: { issuer: ISSUER, jwks_uri: JWKS } });
    };
    const refreshed = discoverKeySet(ISSUER, { ...options, fetch }).refresh();
    refreshed.catch(() => {});
    await clock.elapse(20);
    await expect(atOnce(refreshed)).rejects.toMatchObject({ code: "fetch_timeout" });
    expect(asked).toEqual([DOCUMENT]);
  });
});

describe("the issuer", () => {
  for (const issuer of [
    "http://issuer.example",
    "issuer.example",
    "https://user:password@issuer.example",
    "",
    undefined,
    null,
  ]) {
    test(`is refused at once when it is ${issuer}`, () => {
      expect(() => discoverKeySet(issuer as string)).toThrow(TypeError);
    });
  }

  test("may be a URL, whose empty path counts as no path", async () => {
    const { asked, options } = beginWeb();
    const keys = discoverKeySet(new URL(ISSUER), options);
    expect(await atOnce(keys.find(under("first")))).toHaveLength(1);
    expect(asked[0]).toBe(DOCUMENT);
  });

  test("comes with options that are checked at once", () => {
    const options =
      (value: unknown): (() => unknown) =>
      () =>
        discoverKeySet(ISSUER, value as DiscoveryOptions);
    expect(options({ timeoutSeconds: "5" })).toThrow(TypeError);
    expect(options({ jwksOrigins: "https://keys.example" })).toThrow(TypeError);
    expect(options({ jwksOrigins: ["http://keys.example"] })).toThrow(TypeError);
    expect(options({ jwksOrigins: [undefined] })).toThrow(TypeError);
    expect(options(null)).toThrow(TypeError);
  });
});

describe("an issuer that moves its keys", () => {
  test("is requested at the new address without the old one's validator (RFC 9110 section 8.8.3)", async () => {
    const moved = `${ISSUER}/jwks/2`;
    const { web, asked, sent, options } = beginWeb({
      [JWKS]: { body: { keys: [first] }, headers: { etag: '"v1"' } },
    });
    const keys = discoverKeySet(ISSUER, options);
    await atOnce(keys.prefetch());
    web[DOCUMENT] = { body: { issuer: ISSUER, jwks_uri: moved } };
    web[moved] = { body: { keys: [second] }, headers: { etag: '"v1"' } };
    await atOnce(keys.refresh());
    expect(asked.at(-1)).toBe(moved);
    expect(sent.at(-1)).not.toHaveProperty("if-none-match");
    expect(keys.state.kids).toEqual(["second"]);
    await atOnce(keys.refresh());
    expect(sent.at(-1)).toHaveProperty("if-none-match", '"v1"');
  });
});

describe("a wrong option of discovery", () => {
  test.each<[unknown, unknown, RegExp]>([
    ["ftp://issuer.example", {}, /^issuer must be an https URL/],
    [ISSUER, { jwksOrigins: ISSUER }, /^jwksOrigins must be an array of origins, got string$/],
    [ISSUER, { jwksOrigins: ["ftp://keys.example"] }, /^jwksOrigins must be an https URL/],
    [`${ISSUER},`, {}, /^issuer must be given without a comma at its end$/],
    [ISSUER, { fetcher: async () => ({ jwks: { keys: [] } }) }, /^options must not have "fetcher"/],
  ])("is named at once: %j %j", (issuer, options, message) => {
    expect(() => discoverKeySet(issuer as string, options as DiscoveryOptions)).toThrow(message);
  });

  test("is not a comma in the path of an issuer", () => {
    expect(() => discoverKeySet(`${ISSUER}/a,b`)).not.toThrow();
  });
});

describe("a document that names its keys in another way", () => {
  test.each([[[JWKS]], [{ href: JWKS }], [7], [null]])("is refused: %j", async (jwks_uri) => {
    const { options } = beginWeb({ [DOCUMENT]: { body: { issuer: ISSUER, jwks_uri } } });
    const keys = discoverKeySet(ISSUER, options);
    await expect(atOnce(keys.refresh())).rejects.toMatchObject({ code: "discovery_mismatch" });
    expect(keys.state.lastError).toMatchObject({ code: "discovery_mismatch", url: DOCUMENT });
  });
});
