import { accessTeam } from "../access/team.ts";
import { guessTeam } from "../explain/guess-team.ts";
import { UsageError } from "../explain/usage-error.ts";
import { visible, visibleJson } from "../explain/visible.ts";
import { HOST } from "../http/host.ts";
import { GateError } from "../knock/gate.ts";
import { junit } from "../knock/junit.ts";
import { knockAtOrigin } from "../knock/origin.ts";
import { ControlError } from "../knock/rounds.ts";
import { show } from "../knock/show.ts";
import type { KnockReport, Verdict } from "../knock/types.ts";
import { type Arguments, AUDIENCE, audiencesOf, refuseAddresses, teamOf } from "./arguments.ts";
import type { Command } from "./command.ts";
import { unknownGate, webAddress } from "./discover.ts";
import { paint } from "./paint.ts";
import { readTokenFrom } from "./read-token.ts";
import { EXIT, type ExitCode, type Terminal } from "./terminal.ts";

export const knockCommand: Command = {
  name: "knock",
  summary: "test an origin's own address, as a caller who bypasses Access would",
  help: `postern knock URL

Tests whether a caller who finds the origin's own address gets in: without credentials, with
forged tokens, or with other methods, paths and headers. The origin can be written in any
language. It sends only GET, HEAD, OPTIONS and WebSocket handshakes, at most 300 of them.

Knock only at your own applications.

  --gate URL          the public address; it supplies the team, the AUD tag, and the token
                      that it gives to everyone
  --team TEAM         the team, if there is no gate; or the variable TEAM_DOMAIN
  --aud TAG           the AUD tag, if there is no gate; or --audience, or the variable
                      POLICY_AUD
  --path PATH         the path to test instead of the URL's; may be repeated
  --connect HOST:PORT connect here instead of to the URL's host
  --host NAME         the value of Host, and the name in the TLS handshake
  --insecure          accept any certificate
  --token TOKEN       a genuine token: it must get in, and altered copies of it must not
                      (- reads standard input); it is never printed
  --json              print the report as JSON
  --junit FILE        also write the report as JUnit XML, for CI

  postern knock https://203.0.113.7 --insecure --host app.example.com \\
    --gate https://app.example.com
  postern knock http://127.0.0.1:3000 --team acme --aud "$AUD" --path / --path /admin

Exits with 0 when nothing got in, and 1 when something did. Exits with 2 when the options
are wrong or the genuine token does not get in, and 3 when it is unclear or nothing answers.
`,
  options: {
    gate: { type: "string" },
    team: { type: "string" },
    ...AUDIENCE,
    path: { type: "string", multiple: true },
    connect: { type: "string" },
    host: { type: "string" },
    insecure: { type: "boolean" },
    token: { type: "string" },
    junit: { type: "string" },
  },
  run,
};

const EXITS: { readonly [V in Verdict]: ExitCode } = {
  shut: EXIT.accepted,
  open: EXIT.refused,
  unclear: EXIT.keysUnavailable,
  unreachable: EXIT.keysUnavailable,
};

/** Where the name of the gate leads to the origin, as in an internal network, this is what the user wants. */
const SAME_ADDRESS =
  "postern knock: the address is also the gate's: if it leads to Access, this tests Access and not the origin\n";

async function run(args: Arguments, terminal: Terminal): Promise<ExitCode> {
  const [where, ...others] = args.positionals;
  if (where === undefined || others.length > 0) {
    throw new UsageError(
      "Give the address to knock at: the origin's own, like http://127.0.0.1:3000",
    );
  }
  const url = webAddress(where, "The address to knock at");
  const named = args.text("gate");
  const gate = named === undefined ? undefined : webAddress(named, "--gate");
  const isDirect = args.text("connect") !== undefined;
  if (gate?.origin === url.origin && !isDirect) terminal.err(SAME_ADDRESS);
  // A gate supplies both.
  const env = gate === undefined ? terminal.env : {};
  const team = teamOf(args, env);
  const audience = audiencesOf(args, env);
  refuseAddresses(audience);
  const given = args.text("token");
  const token = given === undefined ? undefined : await readTokenFrom(given, terminal);
  // It is sent as it is, so that the origin gets what the person has. A line break would begin another field.
  if (token !== undefined && /[^!-~]/.test(token)) {
    throw new UsageError("--token is not one token: it contains a space or another odd character");
  }
  const report = async (): Promise<KnockReport> =>
    knockAtOrigin({
      url,
      gate,
      team: team === undefined ? undefined : accessTeam(guessTeam(team).issuer).issuer,
      audience,
      paths: pathsOf(args, url),
      connect: connectOf(args.text("connect")),
      host: hostOf(args.text("host")),
      insecure: args.flag("insecure"),
      token,
      fetch: terminal.fetch,
      userAgent: `postern-knock/${await terminal.version()}`,
      now: terminal.now(),
    });
  let found: KnockReport;
  try {
    found = withoutToken(await report(), token);
  } catch (error) {
    if (error instanceof GateError) return unknownGate(error, args, terminal);
    if (error instanceof ControlError) throw new UsageError(error.message);
    throw error;
  }
  const file = args.text("junit");
  if (file !== undefined) await write(file, junit(found), terminal);
  terminal.out(
    args.flag("json") ? `${visibleJson(plain(found))}\n` : show(found, paint(terminal.colour)),
  );
  return EXITS[found.verdict];
}

/** Only the documented members. */
function plain({ url, verdict, knocks }: KnockReport): object {
  return { url, verdict, knocks: knocks.map(({ family: _, ...knock }) => knock) };
}

/** Removes the genuine token from what the origin sent back. */
function withoutToken(report: KnockReport, token: string | undefined): KnockReport {
  if (token === undefined) return report;
  const clean = (text: string): string => text.replaceAll(token, "(the token)");
  return {
    ...report,
    url: clean(report.url),
    knocks: report.knocks.map((knock) => ({ ...knock, path: clean(knock.path) })),
  };
}

/** @throws {UsageError} when a path cannot be sent in a request line */
function pathsOf(args: Arguments, url: URL): readonly string[] {
  const given = args.texts("path");
  const paths = given.length > 0 ? given : [url.pathname];
  for (const path of paths) {
    if (!/^\/[\x21-\x7e]*$/.test(path) || /[?#]/.test(path)) {
      throw new UsageError("--path must begin with a slash and contain no spaces, ? or #");
    }
  }
  return [...new Set(paths)];
}

/** @throws {UsageError} when it is not a host and a port */
function connectOf(text: string | undefined): { host: string; port: number } | undefined {
  if (text === undefined) return undefined;
  const [, host = "", digits = ""] = /^([\w.-]+|\[[\da-f:.]+\]):(\d{1,5})$/i.exec(text) ?? [];
  const port = Number(digits);
  // The pattern also fits numbers that are no address, such as 999.1.1.1.
  if (!URL.canParse(`http://${host}`) || port < 1 || port > 65_535) {
    throw new UsageError("--connect must be a host and a port, like 203.0.113.7:443");
  }
  return { host: host.replace(/^\[|\]$/g, ""), port };
}

/** @throws {UsageError} when it cannot be the value of `Host` */
function hostOf(text: string | undefined): string | undefined {
  if (text === undefined || HOST.test(text)) return text;
  throw new UsageError("--host must be a host name, like app.example.com");
}

async function write(path: string, text: string, terminal: Terminal): Promise<void> {
  try {
    await terminal.writeFile(path, text, "public");
  } catch {
    throw new UsageError(`${visible(path)} cannot be written`);
  }
}
