import { describe, expect, it } from "vitest";
import {
  isHidden,
  judge,
  type Surroundings,
  verdictOf,
  withOtherSlash,
} from "../../src/knock/judge.ts";
import { isPage, pageOf } from "../../src/knock/page.ts";
import type { Answer, Knock, Outcome, Page, Reply, Sent } from "../../src/knock/types.ts";

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

  it.each([400, 404, 405, 406, 410, 414, 415, 418, 421, 426, 431, 501])(
    "calls %i shut when the path is known to exist, and unclear otherwise",
    (status) => {
      expect(outcome(knocking(), got(status))).toBe("shut");
      expect(outcome(knocking(), got(status), around("unclear"))).toBe("unclear");
      expect(outcome(knocking(), got(status), around("open"))).toBe("unclear");
    },
  );

  it.each([302, 429, 500, 502, 504])("calls %i unclear", (status) => {
    expect(outcome(knocking(), got(status))).toBe("unclear");
  });

  it("calls OPTIONS open only with a body", () => {
    const options = knocking({ method: "OPTIONS" });
    expect(outcome(options, got(200, "secret"))).toBe("open");
    expect(outcome(options, got(204))).toBe("shut");
    expect(outcome(options, got(200, "GET,HEAD"))).toBe("shut");
    expect(outcome(options, got(200, "OK"))).toBe("shut");
    expect(outcome(options, got(200, "GET my secret"))).toBe("open");
    expect(outcome(options, got(200, " \n\tGET, HEAD ,\n"))).toBe("shut");
    expect(outcome(options, got(200, "\nok\n"))).toBe("shut");
    expect(outcome(options, got(204), around("unclear"))).toBe("unclear");
  });

  // In a time that grows with the square of the length, each of them takes minutes.
  it.each([" ", "\n", ",", "GET", " ,", "ok "])(
    "looks for a list of methods in a time that grows only with the length: %j",
    (part) => {
      const options = knocking({ method: "OPTIONS" });
      const body = part.repeat(600_000 / part.length);
      expect(outcome(options, got(200, `${body}x`))).toBe("open");
      expect(outcome(options, got(200, `x${body}`))).toBe("open");
    },
  );

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
    expect(outcome(spelt, got(302, "", "/admin"))).toBe("shut");
    expect(outcome(spelt, got(302, "", "/elsewhere"))).toBe("unclear");
    expect(outcome(spelt, got(302, "", "http://other.example/admin"))).toBe("unclear");
    expect(outcome(spelt, got(302, "", "https://127.0.0.1/admin"))).toBe("shut");
    const named = knocking({ headers: [["Host", "localhost"]] });
    expect(outcome(named, got(302, "", "https://app.example.com/admin"))).toBe("shut");
    expect(outcome(named, got(302, "", "https://app.example.com/home"))).toBe("unclear");
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
    const cut: Reply = { status: null, isCut: true, reason: "" };
    expect(outcome(knocking(), cut)).toBe("unclear");
    const named = knocking({ headers: [["Host", "localhost"]] });
    expect(outcome(named, cut)).toBe("shut");
    expect(outcome(named, cut, around("unclear"))).toBe("unclear");
  });

  it("calls the same answer as the genuine token's open, unless it could be a refusal", () => {
    const where = around("shut", got(302, "hello", "/home"));
    expect(outcome(knocking(), got(302, "hello", "/home"), where)).toBe("open");
    expect(outcome(knocking(), got(302, "other", "/home"), where)).toBe("unclear");
    expect(outcome(knocking(), got(404, ""), around("shut", got(404, "")))).toBe("shut");
  });

  it("ignores the answer of a public page", () => {
    const answer = { status: 200, body: "ok", location: undefined };
    const page = pageOf(answer, answer);
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
    const paged = (answer: Answer): Page => pageOf(answer, answer);
    const spelt: Knock = { ...knocking({ target: "/ADMIN" }), family: "spelling of the path" };
    const where = { ...around(), fallback: paged(shell) };
    expect(outcome(spelt, shell, where)).toBe("shut");
    expect(outcome(spelt, got(200, "<html>other</html>"), where)).toBe("open");
    expect(outcome(knocking(), shell, where)).toBe("open");
    expect(outcome(spelt, shell, { ...around("shut", shell), fallback: paged(shell) })).toBe(
      "open",
    );
    const plain = got(200, "secret");
    expect(outcome(spelt, plain, { ...around(), fallback: paged(plain as Answer) })).toBe("open");
  });

  it("ignores a public HTML page under another spelling, unless the genuine token gets it too", () => {
    const answer = { status: 200, body: "<!doctype html><p>a file", location: undefined };
    const where = { ...around(), pages: [pageOf(answer, answer)] };
    const spelt: Knock = { ...knocking(), family: "spelling of the path" };
    expect(outcome(spelt, answer, where)).toBe("shut");
    expect(
      outcome(spelt, answer, { ...around("shut", answer), pages: [pageOf(answer, answer)] }),
    ).toBe("open");
    expect(outcome(spelt, got(200, "secret"), where)).toBe("open");
    expect(outcome(knocking(), answer, where)).toBe("open");
    // Many applications answer a plain "ok" to every caller that they accept.
    const ok = { status: 200, body: "ok", location: undefined };
    expect(outcome(spelt, ok, { ...around(), pages: [pageOf(ok, ok)] })).toBe("open");
  });

  it("never calls an error or a redirect to another path shut", () => {
    const spelt: Knock = { ...knocking({ target: "//" }), family: "spelling of the path" };
    expect(outcome(spelt, got(500))).toBe("unclear");
    expect(outcome(knocking({ headers: [["Host", ""]] }), got(502))).toBe("unclear");
    expect(outcome(spelt, got(301, "", "/home"))).toBe("unclear");
    expect(outcome(spelt, got(500), around("shut", got(500)))).toBe("open");
  });

  it("calls a redirect shut that only adds or takes away a slash at the end", () => {
    for (const [from, to] of [
      ["/admin/x.css", "/admin/x.css/"],
      ["/public/..;/", "/public/..;"],
    ] as const) {
      const spelt = knocking({ target: from });
      expect(outcome(spelt, got(308, "", to))).toBe("shut");
      expect(outcome(spelt, got(308, "", to), around("unclear"))).toBe("unclear");
    }
    expect(outcome(knocking({ target: "/public/..;/" }), got(308, "", "/public/"))).toBe("unclear");
  });

  it.each([
    ["/admin", "/admin/", "/admin/"],
    ["/admin?a=1", "/admin/?a=1", "/admin/"],
    ["/admin", "http://127.0.0.1:3000/admin/", "/admin/"],
    ["/admin/", "/admin", "/admin"],
    ["/admin//", "/admin/", "/admin/"],
    ["/admin", "/login/", undefined],
    ["/admin/", "/login", undefined],
    ["/", "", undefined],
    ["/admin", "https://other.example/admin/", undefined],
    ["/admin", "/admin", undefined],
  ])("follows from %s to %s: %s", (path, location, followed) => {
    const origin = "http://127.0.0.1:3000";
    expect(withOtherSlash(got(301, "", location), path, origin)).toBe(followed);
    expect(withOtherSlash(got(200, "", location), path, origin)).toBeUndefined();
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
    const note = (reply: Reply): string | undefined =>
      judge(knocking(), reply, around("unclear")).note;
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

describe("a page that changes", () => {
  const page = (body: string): Answer => ({ status: 200, body, location: undefined });
  const shell = (nonce: string, text = "please wait"): Answer =>
    page(`<html><script nonce="${nonce}"></script><p>The application starts: ${text}</p></html>`);

  it("is the same page with another nonce, another path or other numbers", () => {
    const seen = pageOf(shell("abc1"), shell("abd1"));
    expect(isPage(shell("zzz9"), seen)).toBe(true);
    expect(isPage(shell("/a/much/longer/path"), seen)).toBe(true);
    const health = pageOf(page("up 17 s"), page("up 17 s"));
    expect(isPage(page("up 18 s"), health)).toBe(true);
  });

  it("is another page with another text, status or address, or when most of it changes", () => {
    const seen = pageOf(shell("abc1"), shell("abd1"));
    expect(isPage(shell("zzz9", "a secret"), seen)).toBe(false);
    expect(isPage({ ...shell("abc1"), status: 201 }, seen)).toBe(false);
    expect(isPage({ ...shell("abc1"), location: "/x" }, seen)).toBe(false);
    expect(isPage(page("<secret>"), pageOf(page("<one thing>"), page("<two nothings>")))).toBe(
      false,
    );
    expect(isPage(page("secret"), pageOf(page("public"), page("public")))).toBe(false);
  });
});
