import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { run } from "../../src/cli/run.ts";
import { postern } from "./fake-terminal.ts";

const application: Server = createServer((_, response) => response.end("the application"));
let port = "";

beforeAll(async () => {
  await new Promise<void>((resolve) => application.listen(0, "127.0.0.1", resolve));
  port = String((application.address() as AddressInfo).port);
});
afterAll(() => application.close());

/** Runs the command until `meanwhile` is done with what it printed. */
async function local(argv: readonly string[], meanwhile: (out: string) => Promise<void>) {
  let out = "";
  const terminal = {
    ...{ colour: false, now: Date.now, fetch: undefined },
    out: (text: string) => {
      out += text;
    },
    err: () => {},
    interrupted: () => meanwhile(out),
    readStdin: async () => "",
    readFile: async () => "",
    writeFile: async () => {},
    version: async () => "",
    env: {},
    onHangUp() {},
  };
  return run(["local", ...argv], terminal);
}

describe("postern local", () => {
  it.each([
    ["a port", (at: string) => at],
    ["a host and a port", (at: string) => `127.0.0.1:${at}`],
    ["an address", (at: string) => `http://127.0.0.1:${at}`],
  ])("runs in front of the application at %s until it is interrupted", async (_, target) => {
    let url = "";
    const code = await local(
      [target(port), "--port", "0", "--aud", "app", "--json"],
      async (out) => {
        const facts = JSON.parse(out);
        url = facts.url;
        expect(facts).toMatchObject({ issuer: url, audience: "app" });
        expect(out.trimEnd()).not.toContain("\n");
        expect((await fetch(`${url}/cdn-cgi/access/certs`)).status).toBe(200);
        const { clientId, clientSecret } = facts.serviceToken;
        const headers = {
          "CF-Access-Client-Id": clientId,
          "CF-Access-Client-Secret": clientSecret,
        };
        expect(await (await fetch(url, { headers })).text()).toBe("the application");
      },
    );
    expect(code).toBe(0);
    await expect(fetch(url)).rejects.toThrow();
  });

  it("prints what to configure and where to look", async () => {
    let said = "";
    await local([port, "--port", "0", "--aud", "app"], async (out) => {
      said = out;
    });
    const url = /open +(\S+)/.exec(said)?.[1] ?? "";
    const shown = said
      .replaceAll(url, "<url>")
      .replaceAll(port, "<port>")
      .replace(/cfast_[0-9a-zA-Z]{48}|[0-9a-f]{32,}/g, "<random>");
    expect(shown).toBe(`\
Local Access is in front of http://127.0.0.1:<port>

  open              <url>
  team              <url>
  audience          app
  client id         <random>.access
  client secret     <random>
  controls          <url>/cdn-cgi/access/local
  controls' secret  <random>
  inspector         <url>/cdn-cgi/access/local/inspector

Configure the application with this team and this audience. Ctrl-C ends it.
`);
  });

  it("takes several AUD tags, and the edge's switches", async () => {
    const flags = ["--managed-oauth", "--bypass-options", "--older-service-tokens"];
    const argv = [port, "--port", "0", "--aud", "a,b", "--audience", "c", "--json", ...flags];
    await local(argv, async (out) => {
      const { url, audiences, serviceToken } = JSON.parse(out);
      expect(audiences).toEqual(["c", "a", "b"]);
      expect((await fetch(url)).headers.get("www-authenticate")).toMatch(/^Bearer /);
      expect((await fetch(url, { method: "OPTIONS" })).status).toBe(200);
      const { clientId, clientSecret } = serviceToken;
      const headers = { "CF-Access-Client-Id": clientId, "CF-Access-Client-Secret": clientSecret };
      expect((await fetch(url, { headers })).headers.get("set-cookie")).toMatch(/^CF_Auth/);
    });
  });

  it("says when the port is taken", async () => {
    const { code, err } = await postern(["local", "9", "--port", port]);
    expect(err).toContain(
      `port ${port} is taken by another process: give another one, or 0 for any free one, with --port.`,
    );
    expect(code).toBe(2);
  });

  const TARGET = "target must be a port, or an http URL on loopback with a port, like http://127";

  it.each([
    ["no application", [], "Give the address of the application"],
    ["two of them", ["3000", "3001"], "Give the address of the application"],
    ["an application elsewhere", ["https://app.example"], TARGET],
    ["a word", ["abc"], TARGET],
    ["https on this machine", ["https://127.0.0.1:3000"], TARGET],
    ["another host", ["http://app.example:3000"], TARGET],
    ["a path", ["http://127.0.0.1:3000/app"], TARGET],
    ["a port beyond the highest one", ["99999"], TARGET],
    ["no port", ["0"], TARGET],
    ["a malformed port", ["3000", "--port", "99999"], "--port must be a number"],
    ["half a port", ["3000", "--port", "80.5"], "port must be"],
    ["no address", ["3000", "--email", "x"], "email must be"],
  ])("asks for what is missing or wrong: %s", async (_, argv, expected) => {
    const { code, out, err } = await postern(["local", ...argv]);
    expect(err).toContain(expected);
    expect({ code, out }).toEqual({ code: 2, out: "" });
  });
});
