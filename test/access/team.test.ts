import { describe, expect, test } from "vitest";
import { METADATA_PATH } from "../../src/access/team.ts";
import { accessTeam } from "../../src/index.ts";

test("the metadata of an application are where Access publishes them", () => {
  expect(METADATA_PATH).toBe("/.well-known/cloudflare-access-protected-resource");
});

describe("accessTeam", () => {
  test("derives every URL of a team", () => {
    expect(accessTeam("acme")).toEqual({
      name: "acme",
      issuer: "https://acme.cloudflareaccess.com",
      certsUrl: "https://acme.cloudflareaccess.com/cdn-cgi/access/certs",
      identityUrl: "https://acme.cloudflareaccess.com/cdn-cgi/access/get-identity",
      logoutUrl: "https://acme.cloudflareaccess.com/cdn-cgi/access/logout",
    });
  });

  test.each([
    "acme",
    "ACME",
    "acme.cloudflareaccess.com",
    "Acme.CloudflareAccess.com",
    "https://acme.cloudflareaccess.com",
    "https://acme.cloudflareaccess.com/",
    "HTTPS://ACME.CLOUDFLAREACCESS.COM",
    new URL("https://acme.cloudflareaccess.com"),
  ])("takes %s for the team acme", (team) => {
    expect(accessTeam(team)).toEqual(accessTeam("acme"));
  });

  test.each(["acme.fed.cloudflareaccess.com", "https://acme.fed.cloudflareaccess.com"])(
    "takes %s for a FedRAMP team",
    (team) => {
      const { name, issuer } = accessTeam(team);
      expect({ name, issuer }).toEqual({
        name: "acme",
        issuer: "https://acme.fed.cloudflareaccess.com",
      });
    },
  );

  test.each(["a", "0", "my-team-2", "a".repeat(63)])("takes the name %s", (name) => {
    expect(accessTeam(name).issuer).toBe(`https://${name}.cloudflareaccess.com`);
  });

  test.each([
    "http://127.0.0.1:8788",
    "http://127.10.20.30:8788",
    "http://localhost:8788",
    "http://[::1]:8788",
    "http://app.localhost:8788",
    "http://a.b.localhost:8788",
    "http://my-app.localhost:8788",
    "https://pr-12.my-app--x.localhost:3000",
    "http://my_app.localhost:8788",
    "https://127.0.0.1:8443",
    "http://127.0.0.1:8788/",
    new URL("http://127.0.0.1:8788"),
  ])("takes the loopback origin %s for Local Access", (team) => {
    const origin = String(team).replace(/\/$/, "");
    const { host } = new URL(origin);
    expect(accessTeam(team)).toMatchObject({
      name: host,
      issuer: origin,
      certsUrl: `${origin}/cdn-cgi/access/certs`,
    });
  });

  test.each([
    [
      "the certs URL",
      "https://acme.cloudflareaccess.com/cdn-cgi/access/certs",
      "/cdn-cgi/access/certs",
    ],
    ["a host with a path", "acme.cloudflareaccess.com/cdn-cgi", "/cdn-cgi"],
    ["a name with a slash", "acme/", "/"],
    ["a query", "https://acme.cloudflareaccess.com/?team=other", "/?team=other"],
    ["a bare query", "https://acme.cloudflareaccess.com?", "?"],
    ["a fragment", "https://acme.cloudflareaccess.com#top", "#top"],
    ["a loopback origin with a path", "http://127.0.0.1:8788/app", "/app"],
    [
      "a path with terminal control characters",
      "acme.cloudflareaccess.com/\u001b[2J",
      "/\\u001b[2j",
    ],
  ])("says which part of %s to remove", (_, team, rest) => {
    expect(() => accessTeam(team)).toThrow(new TypeError(`team must be given without "${rest}"`));
  });

  test.each([
    ["white space around it", " acme "],
    ["white space around it", " "],
    ["white space around it", "acme\n"],
    ["white space around it", "\tacme.cloudflareaccess.com"],
    ["white space around it", "acme\u00a0"],
    ["quotes around it", '"acme"'],
    ["quotes around it", "'https://acme.cloudflareaccess.com'"],
    ["quotes around it", "`acme`"],
    ["quotes around it", '"acme'],
    ["quotes around it", "\u201cacme\u201d"],
    ["quotes around it", "\u2018acme.cloudflareaccess.com\u2019"],
    ["a comma at its end", "acme,"],
    ["JSON around it; several values are an array", '["acme"]'],
    ["JSON around it; several values are an array", '["acme","globex"]'],
    ["JSON around it; several values are an array", '{"team":"acme"}'],
    ["spaces, commas or semicolons in it", "acme,globex"],
    ["spaces, commas or semicolons in it", "acme globex"],
    ["spaces, commas or semicolons in it", "acme;globex"],
  ])("names what an env file or a shell left in it: %s, in %j", (extra, team) => {
    expect(() => accessTeam(team)).toThrow(new TypeError(`team must be given without ${extra}`));
  });

  test.each([
    ["an empty environment variable", ""],
    ["slashes before a host with a path", "//acme.cloudflareaccess.com/x"],
    ["userinfo", "https://user:pass@acme.cloudflareaccess.com"],
    ["userinfo that looks like the team", "https://acme.cloudflareaccess.com@attacker.example"],
    ["plain http", "http://acme.cloudflareaccess.com"],
    ["another scheme", "ftp://acme.cloudflareaccess.com"],
    ["a name that ends like localhost", "http://notlocalhost:8788"],
    ["a name that ends like localhost after a hyphen", "http://not-localhost:8788"],
    ["a name that begins like an address", "http://127.0.0.1-attacker.example:8788"],
    ["localhost below another domain", "http://localhost.attacker.example:8788"],
    ["a port", "https://acme.cloudflareaccess.com:443"],
    ["a trailing dot", "acme.cloudflareaccess.com."],
    ["a name of two labels", "acme.corp"],
    ["a host of two labels", "https://acme.corp.cloudflareaccess.com"],
    ["the bare domain", "cloudflareaccess.com"],
    ["another domain", "https://acme.example"],
    ["a domain that ends alike", "https://acme.notcloudflareaccess.com"],
    ["a domain that begins alike", "https://acme.cloudflareaccess.com.attacker.example"],
    ["a name that starts with a hyphen", "-acme"],
    ["a name that ends with a hyphen", "acme-"],
    ["an underscore", "ac_me"],
    ["a name of 64 characters", "a".repeat(64)],
    ["a letter of another script", "acm\u0435"],
    ["a template that was not filled in", "<your-team>"],
    ["a loopback host without a port", "http://127.0.0.1"],
    ["a scheme that ends like http", "xhttp://127.0.0.1:8788"],
    ["a loopback origin with userinfo", "http://user@127.0.0.1:8788"],
    ["a loopback host without a scheme", "localhost:8788"],
    ["a port that is none", "http://127.0.0.1:99999"],
    ["every interface", "http://0.0.0.0:8788"],
    ["a private network", "http://192.168.0.1:8788"],
    ["a host that begins like loopback", "http://127.0.0.1.attacker.example:80"],
    ["a host that begins like localhost", "http://localhost.attacker.example:80"],
  ])("refuses %s", (_, team) => {
    expect(() => accessTeam(team)).toThrow(TypeError);
    const got = team === "" ? "an empty string" : "another string";
    expect(() => accessTeam(team)).toThrow(new RegExp(`^team must be .+, got ${got}$`));
  });

  test.each([undefined, null, 7, true, [], {}, () => "acme", Symbol("acme")])(
    "refuses %s, which is neither a string nor a URL",
    (team) => {
      expect(() => accessTeam(team as never)).toThrow(/^team must be .+, got \w+/);
    },
  );
});
