import { isJsonObject } from "../encoding/json.ts";
import { isKeySetError } from "../errors.ts";
import type { Expectations } from "../explain/checks.ts";
import { guessTeam, oddAudience } from "../explain/guess-team.ts";
import { type HeldKeys, hold } from "../explain/hold.ts";
import { errorPage } from "../explain/pages.ts";
import { UsageError } from "../explain/usage-error.ts";
import { visible, visibleJson } from "../explain/visible.ts";
import { own } from "../own.ts";
import { decodeUnverified } from "../token/decode-unverified.ts";
import type { SafeResult } from "../verify/options.ts";
import { type Arguments, AUDIENCE, audiencesOf, numberOf, teamOf } from "./arguments.ts";
import type { Command } from "./command.ts";
import { loadKeys } from "./key-source.ts";
import { paint } from "./paint.ts";
import { readToken } from "./read-token.ts";
import { showChecks } from "./show-checks.ts";
import { EXIT, type ExitCode, type Terminal } from "./terminal.ts";

export const verifyCommand: Command = {
  name: "verify",
  summary: "check a token as your application would, and say what failed",
  help: `postern verify --team TEAM --aud TAG  TOKEN | -

Checks a token as a guard in front of your application does. It shows the verdict, and then
each check as a line: a tick, a cross with what to do, or a dot for what it could not check.

  --team TEAM      whose token it must be: "acme", or the address of Local Access;
                   or the variable TEAM_DOMAIN
  --issuer ISS     instead of a team: any other issuer of RS256 tokens, with --keys
  --aud TAG        the application's AUD tag, or several with commas; or --audience,
                   or the variable POLICY_AUD
  --keys SOURCE    keys of a URL or a file in place of the team's own
  --type TYPE      app (as is usual), org, or any
  --tolerance SEC  grace for clocks that disagree, from 0 to 300; 60 unless you say so
  --at TIME        as if it were then: 2025-01-31T09:00Z, or seconds since 1970
  --json           the same as JSON

The token may be pasted as it was found: a cookie, a header line, "Bearer …", a curl
command. On a shared machine give - and pipe it in: arguments are visible to other users.

  pbpaste | postern verify --team acme --aud "$AUD" -

Exits with 0 when it is accepted, 1 when it is refused, 3 when the keys were not available.
`,
  options: {
    team: { type: "string" },
    issuer: { type: "string" },
    ...AUDIENCE,
    keys: { type: "string" },
    type: { type: "string" },
    tolerance: { type: "string" },
    at: { type: "string" },
  },
  run,
};

async function run(args: Arguments, terminal: Terminal): Promise<ExitCode> {
  const token = await readToken(args, terminal);
  const expected = expectations(args, token, terminal);
  const keys = await keysFor(args.text("keys") ?? expected.certsUrl ?? "", terminal);
  const { result, checks } = await hold(token, expected, keys);
  const { verdict, exit, line } = conclusion(result);
  if (args.flag("json")) {
    const facts = result.ok
      ? { ...result.value }
      : { code: result.error.code, status: result.error.status };
    terminal.out(`${visibleJson({ verdict, ...facts, checks })}\n`);
    return exit;
  }
  const style = paint(terminal.colour);
  const brush = result.ok ? style.good : style.bad;
  terminal.out(`${brush(verdict)}${style.plain(line)}\n\n${showChecks(checks, style)}`);
  if (!result.ok) terminal.out(`\n${style.plain(errorPage(result.error.code))}\n`);
  return exit;
}

interface Expected extends Expectations {
  readonly issuer: string;
  readonly audience: readonly string[];
  /** Where its keys are, unless the command line says otherwise. */
  readonly certsUrl: string | undefined;
}

/** @throws {UsageError} for what is missing, with a hint from the token, or wrong */
function expectations(args: Arguments, token: string, terminal: Terminal): Expected {
  const issuer = args.text("issuer");
  // The variables are for Access; they do not speak of another issuer.
  const env = issuer === undefined ? terminal.env : {};
  const team = teamOf(args, env);
  if ((team === undefined) === (issuer === undefined)) {
    throw new UsageError(`Say whose token it must be, by --team${hint(token, "iss")}`);
  }
  if (issuer === "") throw new UsageError("--issuer needs a value");
  if (issuer !== undefined && args.text("keys") === undefined) {
    throw new UsageError("With --issuer, say by --keys where its keys are");
  }
  const guessed = team === undefined ? undefined : guessTeam(team);
  const given = audiencesOf(args, env);
  // Several tags may come joined, and quoted, out of an env file. Those of another issuer may hold commas.
  const audience = guessed
    ? given.flatMap((text) => text.split(/[\s,;"'`]+/)).filter((tag) => tag !== "")
    : given.map((text) => text.trim());
  if (audience.length === 0) {
    throw new UsageError(`Say for which application it must be, by --aud${hint(token, "aud")}`);
  }
  const odd = guessed && audience.map((tag) => oddAudience(tag)).find((reason) => reason);
  for (const note of [guessed?.note, odd && `look at --aud: ${odd}`]) {
    if (note !== undefined) terminal.err(`note: ${visible(note)}\n`);
  }
  const tokenType = args.text("type") ?? "app";
  if (tokenType !== "app" && tokenType !== "org" && tokenType !== "any") {
    throw new UsageError("--type must be app, org or any");
  }
  const at = timeOf(args.text("at"));
  return {
    now: at ?? terminal.now(),
    timeFrom: at === undefined ? undefined : "--at",
    toleranceSeconds: numberOf(args, "tolerance", [0, 300]) ?? 60,
    issuer: guessed?.issuer ?? (issuer as string),
    audience,
    tokenType: guessed && tokenType,
    certsUrl: guessed?.certsUrl,
  };
}

/** What the token itself says, which decides nothing. */
function hint(token: string, claim: string): string {
  try {
    const value = own(decodeUnverified(token).payload, claim);
    const text = [value].flat().filter((item) => typeof item === "string" && item !== "");
    return text.length === 0 ? "" : `. The token says ${visible(text.join(", "))}: is it that?`;
  } catch {
    return "";
  }
}

function timeOf(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  // What has another beginning engines read as they like: "-60" is the year 1960 to one of them.
  const isDate = /^(?:\d{4}-\d\d|(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)\b)/.test(text);
  const ms = /^\d+$/.test(text) ? Number(text) * 1000 : isDate ? Date.parse(text) : Number.NaN;
  if (Number.isFinite(ms)) return ms;
  throw new UsageError("--at must be a time, like 2025-01-31T09:00Z");
}

/** The keys in a shape to be held against, or why there are none. */
async function keysFor(from: string, terminal: Terminal): Promise<HeldKeys> {
  try {
    const { name, entries } = await loadKeys(from, terminal);
    return { from: name, entries };
  } catch (error) {
    if (!isKeySetError(error)) throw error;
    return { from, error };
  }
}

function conclusion(result: SafeResult<object>): {
  verdict: "accepted" | "refused" | "undecided";
  exit: ExitCode;
  line: string;
} {
  if (result.ok) {
    const who = own(result.value, "principal");
    const text = isJsonObject(who)
      ? `: ${String(who["kind"])} ${String(who["email"] ?? who["name"])}`
      : "";
    return { verdict: "accepted", exit: EXIT.accepted, line: text };
  }
  const { code, status } = result.error;
  const line = `: ${code}, which a guard answers with ${status}`;
  return isKeySetError(result.error)
    ? { verdict: "undecided", exit: EXIT.keysUnavailable, line }
    : { verdict: "refused", exit: EXIT.refused, line };
}
