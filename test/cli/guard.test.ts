import { mkdtemp, writeFile } from "node:fs/promises";
import { type AddressInfo, connect, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it, vi } from "vitest";
import { parseArguments } from "../../src/cli/arguments.ts";
import { GUARD_OPTIONS, readSettings } from "../../src/cli/guard-settings.ts";
import type { Terminal } from "../../src/cli/terminal.ts";
import { createTestIssuer } from "../../src/testing/index.ts";
import { postern, type Said, type World } from "./fake-terminal.ts";

vi.setConfig({ testTimeout: 30_000 });

const AUD = "4714c1358e65fe4b408ad6d432a5f878f08194bdb4752441fd56faefa9b2b6f2";
const issuer = await createTestIssuer({ team: "acme", audience: AUD });
const NEEDED = ["guard", "--listen", "127.0.0.1:0"];
const token = await issuer.userToken({ email: "ada@acme.com" });

/** Runs the command, and then a function once it listens. */
async function guard(
  argv: readonly string[],
  {
    env = {},
    files = {},
    meanwhile = async () => {},
  }: {
    env?: Record<string, string>;
    files?: Record<string, string>;
    meanwhile?: (url: string, hangUp: () => unknown) => Promise<unknown>;
  } = {},
): Promise<Said> {
  let url = "";
  let hangUp = (): unknown => undefined;
  const world: World = {
    env,
    fetch: issuer.fetch,
    files: new Map(Object.entries(files)),
    onHangUp(listener) {
      hangUp = listener;
    },
    async interrupted() {
      await meanwhile(url, () => hangUp());
    },
  };
  let err = "";
  const said = await postern([...NEEDED, ...argv], {
    ...world,
    err(text: string) {
      err += text;
      url = / on (\S+?)(?:,|\n)/.exec(err)?.[1] ?? url;
    },
  } as World);
  return { ...said, err: err || said.err };
}

const ask = async (url: string): Promise<number> =>
  (await fetch(url, { headers: { "cf-access-jwt-assertion": token } })).status;

describe("postern guard", () => {
  it("prints one line when it listens, guards, and exits with 0", async () => {
    let status = 0;
    const { code, err, out } = await guard(
      ["--team", "acme", "--aud", AUD, "--admin", "127.0.0.1:0"],
      {
        meanwhile: async (url) => {
          status = await ask(url);
        },
      },
    );
    expect(err).toMatch(
      /^postern guard: forward auth on http:\/\/127\.0\.0\.1:\d+, admin on http:\/\/127\.0\.0\.1:\d+\n$/,
    );
    expect([code, status]).toEqual([0, 200]);
    expect(JSON.parse(out)).toMatchObject({ decision: "accepted", path: "/" });
    expect(out).not.toContain(token.slice(-40));
  });

  it("takes every option from a variable, and prefers a flag", async () => {
    const env = {
      TEAM_DOMAIN: "https://acme.cloudflareaccess.com",
      POLICY_AUD: AUD,
      POSTERN_ALLOW_DOMAIN: "example.com,acme.com",
      POSTERN_HEADER: "X-WEBAUTH-USER=email,X-Groups=custom.groups",
      POSTERN_LOG: "off",
      POSTERN_STRIP_TOKEN: "true",
    };
    const seen: unknown[] = [];
    const meanwhile = async (url: string): Promise<void> => {
      const answer = await fetch(url, { headers: { "cf-access-jwt-assertion": token } });
      seen.push(
        answer.status,
        answer.headers.get("x-webauth-user"),
        answer.headers.get("x-groups"),
      );
    };
    expect((await guard([], { env, meanwhile })).out).toBe("");
    expect(seen).toEqual([200, "ada@acme.com", ""]);
    seen.length = 0;
    await guard(["--allow-domain", "example.com"], { env, meanwhile });
    expect(seen[0]).toBe(403);
  });

  it.each(["POSTERN", "POSTERN_GUARD", "POSTERN_ADMIN"])(
    "ignores what Kubernetes says about a service: %s_…",
    async (service) => {
      const address = "tcp://10.0.0.1:9180";
      const env = {
        [`${service}_SERVICE_HOST`]: "10.0.0.1",
        [`${service}_SERVICE_PORT`]: "9180",
        [`${service}_SERVICE_PORT_HTTP`]: "9180",
        [`${service}_PORT`]: address,
        [`${service}_PORT_9180_TCP`]: address,
        [`${service}_PORT_9180_TCP_PROTO`]: "tcp",
        [`${service}_PORT_9180_TCP_PORT`]: "9180",
        [`${service}_PORT_9180_TCP_ADDR`]: "10.0.0.1",
      };
      const { code, err } = await guard(["--team", "acme", "--aud", AUD], { env });
      expect(err).toMatch(/^postern guard: forward auth on \S+\n$/);
      expect(code).toBe(0);
    },
  );

  it("keeps the claims that a file asks for, when a flag or a variable names who may come in", async () => {
    const groups = { "custom.groups": ["admins"] };
    const allow = { domains: ["acme.com"], custom: groups };
    const files = { "a.json": JSON.stringify({ team: "acme", audience: AUD, allow }) };
    for (const [argv, env] of [
      [["--allow-domain", "acme.com"], {}],
      [[], { POSTERN_ALLOW_EMAIL: "ada@acme.com" }],
    ] as const) {
      const statuses: number[] = [];
      const meanwhile = async (url: string): Promise<void> => void statuses.push(await ask(url));
      await guard([...argv, "--config", "a.json"], { env, files, meanwhile });
      expect(statuses).toEqual([403]);
    }
  });

  it.each<[string, string[], Record<string, string>, object, object | number]>([
    [
      "a variable keeps the other lists of the file",
      [],
      { POSTERN_ALLOW_DOMAIN: "acme.com" },
      { allow: { emails: ["ada@x.example"], custom: { groups: ["admins"] } } },
      {
        allow: {
          emails: ["ada@x.example"],
          domains: ["acme.com"],
          custom: { groups: ["admins"] },
        },
      },
    ],
    [
      "a flag keeps the other lists of the file",
      ["--allow-service", "a.access", "--allow-email", "a@b.example"],
      {},
      { allow: { domains: ["acme.com"], custom: { groups: ["admins"] } } },
      {
        allow: {
          domains: ["acme.com"],
          custom: { groups: ["admins"] },
          emails: ["a@b.example"],
          services: ["a.access"],
        },
      },
    ],
    [
      "a flag replaces the same list of the file and of a variable",
      ["--allow-domain", "acme.com"],
      { POSTERN_ALLOW_DOMAIN: "x.example", POSTERN_ALLOW_SERVICE: "a.access" },
      { allow: { domains: ["y.example"], custom: { groups: ["admins"] } } },
      {
        allow: { domains: ["acme.com"], services: ["a.access"], custom: { groups: ["admins"] } },
      },
    ],
    [
      "without a file, a flag keeps the other lists of variables",
      ["--allow-email", "a@b.example"],
      { POSTERN_ALLOW_SERVICE: "a.access" },
      {},
      { allow: { services: ["a.access"], emails: ["a@b.example"] } },
    ],
    [
      "a header keeps the other headers",
      ["--header", "X-User=email"],
      { POSTERN_HEADER: "X-Id=id,X-User=id" },
      { headers: { "X-Kind": "kind", "X-Id": "sub" } },
      { headers: { "X-Kind": "kind", "X-Id": "id", "X-User": "email" } },
    ],
    [
      "a file with another type stays wrong",
      ["--allow-domain", "acme.com"],
      {},
      { allow: null },
      2,
    ],
    ["a file with a list stays wrong", ["--allow-domain", "acme.com"], {}, { allow: [] }, 2],
    ["a file with wrong headers stays wrong", ["--header", "X-User=email"], {}, { headers: 1 }, 2],
  ])("merges its conditions: %s", async (_, flags, env, file, expected) => {
    const config = JSON.stringify({ team: "acme", audience: AUD, ...file });
    const argv = ["--config", "a.json", ...flags];
    if (typeof expected === "number") {
      expect((await guard(argv, { env, files: { "a.json": config } })).code).toBe(expected);
      return;
    }
    const terminal = { env, readFile: async () => config } as unknown as Terminal;
    const settings = await readSettings(parseArguments(argv, GUARD_OPTIONS), terminal);
    expect(settings).toMatchObject(expected);
    expect(settings.allow).toEqual((expected as { allow?: object }).allow);
  });

  it("reads a configuration file, and reads it again on a hang-up signal", async () => {
    const config = (allow: object): string =>
      JSON.stringify({
        $schema: "https://example.com/schema.json",
        team: "acme",
        apps: { wiki: { audience: AUD, allow }, shop: { audience: "other" } },
      });
    const files = new Map([["guard.json", config({ domains: ["acme.com"] })]]);
    const statuses: number[] = [];
    let hangUp = (): void => {};
    let err = "";
    const until = async (text: string): Promise<void> => {
      await expect.poll(() => err).toContain(text);
      err = "";
    };
    const { code } = await postern([...NEEDED, "--config", "guard.json"], {
      env: { POLICY_AUD: AUD },
      files,
      fetch: issuer.fetch,
      err: (text: string) => {
        err += text;
      },
      onHangUp(listener: () => void) {
        hangUp = listener;
      },
      async interrupted() {
        const [, url = ""] = / on (\S+)\n/.exec(err) ?? [];
        const look = async (): Promise<void> => void statuses.push(await ask(`${url}/auth/wiki`));
        await look();
        files.set("guard.json", config({ domains: ["example.com"] }));
        hangUp();
        await until("uses the new configuration");
        await look();
        files.set("guard.json", config({}));
        hangUp();
        await until("keeps the old configuration: allow must have one of");
        await look();
        files.set("guard.json", "{");
        hangUp();
        await until(
          "keeps the old configuration: The configuration file guard.json must be one JSON object",
        );
      },
    } as World);
    expect([code, statuses]).toEqual([0, [200, 403, 403]]);
  });

  it("says why there are no keys, and answers 503", async () => {
    let status = 0;
    const { code, err } = await postern([...NEEDED, "--team", "acme", "--aud", AUD], {
      fetch: () => Promise.reject(new Error("down")),
      interrupted: async () => {
        status = 503;
      },
    });
    expect(err).toMatch(
      /^postern guard: no keys yet, so it answers 503: .+\npostern guard: forward auth on /,
    );
    expect([code, status]).toEqual([0, 503]);
  });

  it("replaces a unix socket only when no process serves it", async () => {
    const path = join(await mkdtemp(join(tmpdir(), "postern-")), "guard.sock");
    const listen = ["--team", "acme", "--aud", AUD, "--listen", `unix:${path}`];
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(path, resolve));
    expect(await guard(listen)).toMatchObject({ code: 2 });
    await new Promise((resolve) => server.close(resolve));
    await writeFile(path, "");
    expect(await guard(listen)).toMatchObject({ code: 2 });
    const { rm } = await import("node:fs/promises");
    await rm(path);
    let answered = "";
    const { code, err } = await guard(listen, {
      meanwhile: async () => {
        const socket = connect(path);
        socket.end("GET / HTTP/1.0\r\n\r\n");
        for await (const chunk of socket) answered += chunk;
      },
    });
    expect([code, err]).toEqual([0, `postern guard: forward auth on unix:${path}\n`]);
    expect(answered).toMatch(/^HTTP\/1\.1 401/);
  });

  it("says which of its addresses it cannot have", async () => {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const { port } = server.address() as AddressInfo;
    const taken = `127.0.0.1:${port}`;
    for (const flags of [
      ["--listen", taken],
      ["--admin", taken],
    ]) {
      const { code, err } = await guard([...FULL, ...flags]);
      expect(err).toContain(`${taken} is taken by another process: give another one`);
      expect(code).toBe(2);
    }
    server.close();
    const foreign = await guard([...FULL, "--listen", "192.0.2.1:8080"]);
    expect(foreign.err).toContain("192.0.2.1:8080 is not an address of this machine: give");
    for (const [place, why] of [
      ["unix:/none/guard.sock", "may not be used by this user: give another path, in a folder"],
      ["unix:/etc/passwd/guard.sock", "is below a file, not below a folder: give another path"],
      ["nowhere.invalid:80", "is not an address of this machine: give another one"],
    ] as const) {
      const { code, err } = await guard([...FULL, "--listen", place]);
      expect(err).toContain(`${place} ${why}`);
      expect(code).toBe(2);
    }
  });

  const FULL = ["--team", "acme", "--aud", AUD];

  it.each([
    ["listen", "host:port, a port, or unix:/path"],
    ["admin", "host:port, a port, or unix:/path"],
    ["target", 'an http origin, like "http://127.0.0.1:3000"'],
    ["log", '"json", "text" or "off"'],
  ])("says what --%s must be, and not that a text was given", async (flag, expected) => {
    const { code, err } = await guard([...FULL, `--${flag}`, "ftp://nowhere"]);
    expect(err.split("\n", 1)).toEqual([`${flag} must be ${expected}.`]);
    expect(code).toBe(2);
  });

  it("ends with the last configuration, however long the file of an earlier signal takes", async () => {
    const config = (...audience: string[]): string => JSON.stringify({ team: "acme", audience });
    let reads = 0;
    const statuses: number[] = [];
    let hangUp = (): unknown => undefined;
    let err = "";
    await postern([...NEEDED, "--config", "guard.json"], {
      fetch: issuer.fetch,
      async readFile() {
        const turn = reads++;
        // The first signal's file is read slowly, and has the configuration from before the second one.
        if (turn === 1) await new Promise((resolve) => setTimeout(resolve, 300));
        return config(turn === 2 ? "other" : AUD);
      },
      err(text: string) {
        err += text;
      },
      onHangUp(listener) {
        hangUp = listener;
      },
      async interrupted() {
        const [, url = ""] = / on (\S+)\n/.exec(err) ?? [];
        statuses.push(await ask(url));
        await Promise.all([hangUp(), hangUp()]);
        statuses.push(await ask(url));
      },
    } as World);
    expect(statuses).toEqual([200, 401]);
    expect(err.match(/uses the new configuration/g)).toHaveLength(2);
  });

  it("warns when public paths have no effect, at the start and at each reload", async () => {
    const warning =
      "postern guard: publicPaths have no effect: give originalUriHeader, the header in which the proxy sends the path\n";
    const file = JSON.stringify({ team: "acme", audience: AUD, publicPaths: ["/health"] });
    const files = { "guard.json": file };
    const config = ["--config", "guard.json"];
    const { err } = await guard(config, { files, meanwhile: async (_url, hangUp) => hangUp() });
    const lines = err.split("\n");
    expect(err.split(warning)).toHaveLength(3);
    expect(lines[1]).toMatch(/^postern guard: forward auth on /);
    for (const effective of [
      ["--original-uri-header", "X-Original-URI"],
      ["--target", "http://127.0.0.1:9"],
    ]) {
      expect((await guard([...config, ...effective], { files })).err).not.toContain("no effect");
    }
  });

  it("says of an unknown variable which one is near, if one is", async () => {
    const said = async (variable: string): Promise<string> =>
      (await guard(FULL, { env: { [variable]: "x" } })).err.split("\n", 1)[0] ?? "";
    expect(await said("POSTERN_TRAGET")).toBe(
      "There is no variable POSTERN_TRAGET: did you mean POSTERN_TARGET?",
    );
    expect(await said("POSTERN_KEYSFILE")).toBe(
      "There is no variable POSTERN_KEYSFILE: did you mean POSTERN_KEYS_FILE?",
    );
    expect(await said("POSTERN_COLOUR")).toBe("There is no variable POSTERN_COLOUR.");
  });

  it.each<[string, string[], Record<string, string>, Record<string, string>]>([
    ["no team", ["--aud", AUD], {}, {}],
    ["no audience", ["--team", "acme"], {}, {}],
    ["a placeholder", ["--team", "acme", "--aud", "<AUD>"], {}, {}],
    ["an address as the AUD tag", ["--team", AUD, "--aud", "https://acme.example"], {}, {}],
    ["an address as the AUD tag, in a variable", [], { POLICY_AUD: "http://127.0.0.1:8788" }, {}],
    ["an unknown flag", [...FULL, "--allow-emails", "a@b.c"], {}, {}],
    ["an unknown variable", FULL, { POSTERN_ALLOW_EMAILS: "a@b.c" }, {}],
    ["an unknown variable that ends like one of Kubernetes", FULL, { POSTERN_PORT: "9180" }, {}],
    ["an empty flag", [...FULL, "--allow-email", ""], {}, {}],
    ["an empty variable", FULL, { POSTERN_ALLOW_EMAIL: "" }, {}],
    ["a variable with no switch value", FULL, { POSTERN_STRIP_TOKEN: "maybe" }, {}],
    ["a header without a fact", [...FULL, "--header", "X-User"], {}, {}],
    ["a header that may not be set", [...FULL, "--header", "Host=email"], {}, {}],
    ["a malformed number", [...FULL, "--workers", "many"], {}, {}],
    ["a target with a path", [...FULL, "--target", "http://127.0.0.1:3000/x"], {}, {}],
    ["a target on https", [...FULL, "--target", "https://127.0.0.1:3000"], {}, {}],
    ["a missing file", [...FULL, "--config", "none.json"], {}, {}],
    ["a file that is not JSON", [...FULL, "--config", "a.json"], {}, { "a.json": "team: acme" }],
    [
      "an unknown name in the file",
      ["--config", "a.json"],
      {},
      { "a.json": `{"team":"acme","audience":"${AUD}","alow":{}}` },
    ],
    [
      "an empty allow list",
      ["--config", "a.json"],
      {},
      { "a.json": `{"team":"acme","audience":"${AUD}","allow":{}}` },
    ],
    ["an argument", [...FULL, "http://127.0.0.1:3000"], {}, {}],
  ])("exits with 2 and the reason: %s", async (_title, argv, env, files) => {
    const { code, err } = await guard(argv, { env, files });
    expect(code).toBe(2);
    expect(err).toMatch(/^\S.*\n`postern help guard` shows how to use it\.\n$/);
  });
});
