import { refuseWrapped } from "../caller-mistakes.ts";
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
  summary: "check a token as your application would, and show what failed",
  help: `postern verify --team TEAM --aud TAG  TOKEN | -

Checks a token as a guard in front of your application does. It shows the result, and then
one line for each check: a tick, a cross with a hint, or a dot for one it could not make.

  --team TEAM      the team: "acme", or the address of Local Access; or the variable
                   TEAM_DOMAIN
  --issuer ISS     instead of a team, any other issuer of RS256 tokens; needs --keys
  --aud TAG        the application's AUD tag, or several with commas; or --audience,
                   or the variable POLICY_AUD
  --keys SOURCE    use the keys of a URL or a file instead of the team's own
  --type TYPE      app, org or any; default app
  --tolerance SEC  the tolerance for clock differences, from 0 to 300; default 60
  --at TIME        check as if it were this time: 2025-01-31T09:00Z, or seconds since 1970
  --json           print JSON

You can paste the token in any form: a cookie, a header line, "Bearer …", a curl command.
On a shared machine, give - and pipe the token in: other users can see arguments.

  pbpaste | postern verify --team acme --aud "$AUD" -

Exits with 0 when the token is accepted, 1 when it is refused, 3 when there are no keys.
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
  /** The address of the team's keys. `--keys` replaces it. */
  readonly certsUrl: string | undefined;
}

/** @throws {UsageError} when an option is wrong or missing; then the token's own value is a hint */
function expectations(args: Arguments, token: string, terminal: Terminal): Expected {
  const issuer = args.text("issuer");
  // The variables name a team of Access, not another issuer.
  const env = issuer === undefined ? terminal.env : {};
  const team = teamOf(args, env);
  if ((team === undefined) === (issuer === undefined)) {
    throw new UsageError(`Give the expected team with --team${hint(token, "iss")}`);
  }
  if (issuer === "") throw new UsageError("--issuer needs a value");
  if (issuer !== undefined && args.text("keys") === undefined) {
    throw new UsageError("With --issuer, also give its keys with --keys");
  }
  const guessed = team === undefined ? undefined : guessTeam(team);
  const given = audiencesOf(args, env);
  // An env file may contain several joined and quoted tags. Another issuer's audience may contain commas.
  const audience = guessed
    ? given.flatMap((text) => text.split(/[\s,;"'`[\]]+/)).filter((tag) => tag !== "")
    : given.map((text) => text.trim());
  if (audience.length === 0) {
    throw new UsageError(`Give the application's AUD tag with --aud${hint(token, "aud")}`);
  }
  for (const tag of audience) refuseRest("--aud", tag);
  if (issuer !== undefined) refuseRest("--issuer", issuer);
  const odd = guessed && audience.map((tag) => oddAudience(tag)).find((reason) => reason);
  for (const note of [guessed?.note, odd && `check --aud: ${odd}`]) {
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

/** @throws {UsageError} when an env file or a shell left its own characters around a value */
function refuseRest(option: string, text: string): void {
  try {
    refuseWrapped(option, text, false);
  } catch (error) {
    // What follows a semicolon is advice for code.
    throw new UsageError((error as Error).message.replace(/;.*/, ""));
  }
}

/** Quotes the token's own claim as a hint. It decides nothing. */
function hint(token: string, claim: string): string {
  try {
    const value = own(decodeUnverified(token).payload, claim);
    const text = [value].flat().filter((item) => typeof item === "string" && item !== "");
    return text.length === 0
      ? ""
      : `. The token contains ${visible(text.join(", "))}: is this the right one?`;
  } catch {
    return "";
  }
}

function timeOf(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  // Engines differ on other forms: one of them reads "-60" as the year 1960.
  const isDate = /^(?:\d{4}-\d\d|(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)\b)/.test(text);
  const ms = /^\d+$/.test(text) ? Number(text) * 1000 : isDate ? Date.parse(text) : Number.NaN;
  if (Number.isFinite(ms)) return ms;
  throw new UsageError("--at must be a time, like 2025-01-31T09:00Z");
}

/** Loads the keys, or returns the reason why there are none. */
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
  const line = `: ${code}, and a guard answers ${status}`;
  return isKeySetError(result.error)
    ? { verdict: "undecided", exit: EXIT.keysUnavailable, line }
    : { verdict: "refused", exit: EXIT.refused, line };
}
