import { calendar, duration } from "../explain/human-time.ts";
import { type KeyReport, reportKeys } from "../explain/key-report.ts";
import { UsageError } from "../explain/usage-error.ts";
import { visibleJson } from "../explain/visible.ts";
import { own } from "../own.ts";
import { decodeUnverified } from "../token/decode-unverified.ts";
import { type Arguments, teamOf } from "./arguments.ts";
import type { Command } from "./command.ts";
import { certifiedAt } from "./key-age.ts";
import { loadKeys } from "./key-source.ts";
import { paint } from "./paint.ts";
import { readTokenFrom } from "./read-token.ts";
import { EXIT, type ExitCode, type Terminal } from "./terminal.ts";

export const keysCommand: Command = {
  name: "keys",
  summary: "show the keys of a team, and which of them would be used",
  help: `postern keys [TEAM | URL | FILE | -]

Shows every entry of a JWK set as a verifier sees it: kid, thumbprint, size, age, and
whether it is used, or why it is skipped. The set is a team's (fetched from its certs
endpoint), at a URL, in a file, or on standard input (-). Without an argument it is
the team of the variable TEAM_DOMAIN.

A token names its key by kid; a token without one is tried with every usable key. Access
has two keys, the current and the previous one, in no fixed order.

  --token TOKEN  also say which key this token asks for (- reads standard input)
  --json         the same as JSON

  postern keys acme
  postern keys https://acme.cloudflareaccess.com/cdn-cgi/access/certs --token "$TOKEN"
  postern keys certs.json

Exits with 0 when there is a key to verify with, 3 when there is none.
`,
  options: { token: { type: "string" } },
  run,
};

async function run(args: Arguments, terminal: Terminal): Promise<ExitCode> {
  const where = sourceOf(args, terminal);
  if (where === "-" && args.text("token") === "-") {
    throw new UsageError("Keys and token cannot both come from standard input");
  }
  const asked = await askedKid(args, terminal);
  const source = await loadKeys(where, terminal);
  const reports = await reportKeys(source.entries);
  const usable = reports.filter((report) => report.usable);
  const code = usable.length > 0 ? EXIT.accepted : EXIT.keysUnavailable;
  if (args.flag("json")) {
    const keys = reports.map(({ pem: _, ...report }) => {
      const since = certifiedAt(source.document, report.kid);
      return {
        ...report,
        certifiedAt: since && new Date(since).toISOString(),
        asked: asked && isAsked(report, asked.kid),
      };
    });
    terminal.out(`${visibleJson({ source: source.name, usable: usable.length, keys })}\n`);
    return code;
  }
  const { plain, bold } = paint(terminal.colour);
  const count = reports.length === 1 ? "1 key" : `${reports.length} keys`;
  terminal.out(`${bold(source.name)}: ${plain(count)}, ${usable.length} usable\n`);
  for (const report of reports) {
    const age = ageOf(certifiedAt(source.document, report.kid), terminal.now());
    terminal.out(`\n${describe(report, age, asked, terminal)}`);
  }
  if (asked !== undefined && !reports.some((report) => isAsked(report, asked.kid))) {
    terminal.out(`\n${plain("The token asks for a key that is not among them.")}\n`);
  }
  return code;
}

/** @throws {UsageError} when there is not exactly one */
export function sourceOf(args: Arguments, { env }: Terminal): string {
  const [where = teamOf(args, env), ...others] = args.positionals;
  if (where !== undefined && others.length === 0) return where;
  throw new UsageError("Say whose keys: a team, a URL, a file, or - for standard input");
}

async function askedKid(
  args: Arguments,
  terminal: Terminal,
): Promise<{ kid: unknown } | undefined> {
  const given = args.text("token");
  if (given === undefined) return undefined;
  const token = await readTokenFrom(given, terminal);
  try {
    return { kid: own(decodeUnverified(token).header, "kid") };
  } catch {
    throw new UsageError("--token cannot be read: `postern decode` says what is wrong with it");
  }
}

function isAsked({ kid, usable }: KeyReport, asked: unknown): boolean {
  return usable && (asked === undefined || (kid !== undefined && kid === asked));
}

function describe(
  report: KeyReport,
  age: string,
  asked: { kid: unknown } | undefined,
  terminal: Terminal,
): string {
  const { plain, dim, good, bad } = paint(terminal.colour);
  const { kid, thumbprint, bits, usable, reason } = report;
  const lines = [
    `${dim("kid       ")}  ${plain(kid ?? "none")}`,
    `${dim("thumbprint")}  ${plain(thumbprint ?? "none")}`,
    `${dim("size      ")}  ${plain(bits === undefined ? "unknown" : `${bits} bits`)}`,
    `${dim("age       ")}  ${plain(age)}`,
    `${dim("use       ")}  ${usable ? good(useOf(kid)) : bad(`skipped: ${reason}`)}`,
  ];
  if (asked !== undefined && isAsked(report, asked.kid)) {
    lines.push(`${dim("token     ")}  ${good("asks for this key")}`);
  }
  return `${lines.join("\n")}\n`;
}

function useOf(kid: string | undefined): string {
  return kid === undefined
    ? "verifies tokens that name no key"
    : "verifies tokens that name this kid, or none";
}

function ageOf(certified: number | undefined, now: number): string {
  const since = certified === undefined ? undefined : calendar(certified / 1000);
  if (certified === undefined || since === undefined) return "unknown: no certificate is shown";
  const age = (now - certified) / 1000;
  return age < 0 ? `certified from ${since}` : `${duration(age)}, certified since ${since}`;
}
