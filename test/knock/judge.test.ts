import { describe, expect, it } from "vitest";
import { isHidden, judge, type Surroundings, verdictOf } from "../../src/knock/judge.ts";
import type { Knock, Outcome, Reply, Sent } from "../../src/knock/types.ts";

const TEAM = "https://acme.cloudflareaccess.com";

function knocking(sent: Partial<Sent> = {}, ordinary?: Knock["ordinary"]): Knock {
  return {
    ...{ name: "x", base: "/admin", family: "method", why: "" },
    sent: { method: "GET", target: "/admin", headers: [], ...sent },
    ...(ordinary && { ordinary }),
  };
}

function got(status: number, body = "", location?: string): Reply {
  return { status, body, location };
}

function around(plain: Outcome = "shut", control?: Reply): Surroundings {
  return {
    ...{ logins: ["https://gate.example"], origin: "http://127.0.0.1:3000" },
    plain: new Map([["/admin", plain]]),
    control: new Map(control === undefined ? [] : [["/admin", control]]),
  };
}

const outcome = (knock: Knock, reply: Reply, where = around()): Outcome =>
  judge(knock, reply, where).outcome;

describe("the judgement of one answer", () => {
  it.each([401, 403, 503])("calls %i shut", (status) => {
    expect(outcome(knocking(), got(status), around("unclear"))).toBe("shut");
  });

  it.each([200, 204, 206, 299])("calls %i open", (status) => {
    expect(outcome(knocking(), got(status))).toBe("open");
    expect(outcome(knocking({ method: "HEAD" }), got(status))).toBe("open");
  });

  it.each([400, 404, 405, 414, 421, 431, 501])(
    "calls %i shut when the path is known to exist, and unclear otherwise",
    (status) => {
      expect(outcome(knocking(), got(status))).toBe("shut");
      expect(outcome(knocking(), got(status), around("unclear"))).toBe("unclear");
      expect(outcome(knocking(), got(status), around("open"))).toBe("unclear");
    },
  );

  it.each([302, 410, 429, 500, 502, 504])("calls %i unclear", (status) => {
    expect(outcome(knocking(), got(status))).toBe("unclear");
  });

  it("calls OPTIONS open only with a body", () => {
    const options = knocking({ method: "OPTIONS" });
    expect(outcome(options, got(200, "secret"))).toBe("open");
    expect(outcome(options, got(204))).toBe("shut");
    expect(outcome(options, got(204), around("unclear"))).toBe("unclear");
  });

  it.each([
    [`${TEAM}/cdn-cgi/access/login/x`, "shut"],
    ["https://gate.example/log-in", "shut"],
    ["https://acme.fed.cloudflareaccess.com/", "shut"],
    ["https://acme.cloudflareaccess.com.example/", "unclear"],
    ["http://acme.cloudflareaccess.com/", "unclear"],
    ["https://evil.example/?https://acme.cloudflareaccess.com/", "unclear"],
    ["/log-in", "unclear"],
    ["//[", "unclear"],
  ])("of a redirect to %s says %s", (location, wanted) => {
    expect(outcome(knocking(), got(302, "", location))).toBe(wanted);
  });

  it("calls a redirect to the plain path shut, if that path is shut", () => {
    const spelt = knocking({ target: "//admin" });
    expect(outcome(spelt, got(301, "", "/admin"))).toBe("shut");
    expect(outcome(spelt, got(308, "", "/admin/"))).toBe("shut");
    expect(outcome(spelt, got(301, "", "/elsewhere"))).toBe("unclear");
    expect(outcome(spelt, got(301, "", "http://other.example/admin"))).toBe("unclear");
    expect(outcome(spelt, got(301, "", "/admin"), around("open"))).toBe("unclear");
  });

  it("calls a handshake open after 101, and shut after a refusal or a cut", () => {
    const handshake = knocking({ isHandshake: true });
    expect(outcome(handshake, got(101))).toBe("open");
    expect(outcome(handshake, got(200, "secret"))).toBe("open");
    expect(outcome(handshake, got(426))).toBe("shut");
    expect(outcome(handshake, got(500))).toBe("shut");
    expect(outcome(handshake, { status: null, isCut: true, reason: "" })).toBe("shut");
    expect(outcome(handshake, { status: null, isCut: false, reason: "" })).toBe("unclear");
    expect(outcome(knocking(), { status: null, isCut: true, reason: "" })).toBe("unclear");
  });

  it("calls the same answer as the genuine token's open, unless it could be a refusal", () => {
    const where = around("shut", got(302, "hello", "/home"));
    expect(outcome(knocking(), got(302, "hello", "/home"), where)).toBe("open");
    expect(outcome(knocking(), got(302, "other", "/home"), where)).toBe("unclear");
    expect(outcome(knocking(), got(404, ""), around("shut", got(404, "")))).toBe("shut");
  });

  it("ignores the answer of a public page", () => {
    const page = { status: 200, body: "ok", location: undefined };
    expect(outcome(knocking({}, page), got(200, "ok"))).toBe("shut");
    expect(outcome(knocking({}, page), got(200, "secret"))).toBe("open");
  });

  it("reads an empty page under another name as no site, unless the genuine token gets no more", () => {
    const named = knocking({ headers: [["Host", "localhost"]] });
    expect(outcome(named, got(200, ""))).toBe("shut");
    expect(outcome(named, got(200, "secret"))).toBe("open");
    expect(outcome(named, got(200, ""), around("open"))).toBe("open");
    expect(outcome(named, got(200, ""), around("shut", got(200, "")))).toBe("open");
    expect(outcome(knocking(), got(200, ""))).toBe("open");
  });

  it("ignores the page of unknown paths, unless the genuine token gets that very page", () => {
    const shell = { status: 200, body: "<!doctype html><html></html>", location: undefined };
    const spelt: Knock = { ...knocking({ target: "/ADMIN" }), family: "spelling of the path" };
    const where = { ...around(), fallback: shell };
    expect(outcome(spelt, shell, where)).toBe("shut");
    expect(outcome(spelt, got(200, "<html>other</html>"), where)).toBe("open");
    expect(outcome(knocking(), shell, where)).toBe("open");
    expect(outcome(spelt, shell, { ...around("shut", shell), fallback: shell })).toBe("open");
    const plain = got(200, "secret");
    expect(outcome(spelt, plain, { ...around(), fallback: plain as typeof shell })).toBe("open");
  });

  it("reads the answer without credentials as a refusal when the genuine token gets a page", () => {
    const refused = got(302, "", "/login?to=%2Fadmin");
    expect(isHidden(refused, got(200, "secret"))).toBe(true);
    expect(isHidden(got(404), got(200, "secret"))).toBe(true);
    expect(isHidden(got(500), got(200, "secret"))).toBe(false);
    expect(isHidden(got(404), got(404))).toBe(false);
    expect(isHidden(got(404), undefined)).toBe(false);
    const where = { ...around(), refusal: new Map([["/admin", refused as never]]) };
    expect(outcome(knocking(), got(302, "", "/login?to=%2F%2Fadmin"), where)).toBe("shut");
    expect(outcome(knocking(), got(302, "", "/home"), where)).toBe("unclear");
    expect(outcome(knocking(), got(301, "", "/login"), where)).toBe("unclear");
  });

  it("calls only an accepted handshake open when no page was requested", () => {
    const elsewhere = knocking({ isHandshake: true, target: "/ws" });
    expect(outcome(elsewhere, got(200, "secret"))).toBe("shut");
    expect(outcome(elsewhere, got(101))).toBe("open");
  });

  it("says which address to try instead of a plain one that redirects to https, and when to come again", () => {
    const note = (reply: Reply): string | undefined => judge(knocking(), reply, around()).note;
    expect(note(got(301, "", "https://127.0.0.1/admin"))).toMatch(/https/);
    expect(note(got(429))).toMatch(/again later/);
  });
});

describe("the verdict over all", () => {
  const one = (kind: Outcome, status: number | null = 200) => ({ outcome: kind, status });
  it.each([
    ["open", [one("shut"), one("unclear"), one("open")]],
    ["shut", [one("control"), one("shut"), one("shut")]],
    ["unclear", [one("shut"), one("unclear")]],
    ["unclear", [one("shut", 401), one("unclear", null)]],
    ["unreachable", [one("unclear", null), one("unclear", null)]],
  ] as const)("is %s", (wanted, knocks) => {
    expect(verdictOf(knocks)).toBe(wanted);
  });
});
