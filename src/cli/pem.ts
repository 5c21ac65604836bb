import { type KeyReport, reportKeys } from "../explain/key-report.ts";
import { UsageError } from "../explain/usage-error.ts";
import { visible, visibleJson } from "../explain/visible.ts";
import type { Arguments } from "./arguments.ts";
import type { Command } from "./command.ts";
import { loadKeys } from "./key-source.ts";
import { sourceOf } from "./keys.ts";
import { EXIT, type ExitCode, type Terminal } from "./terminal.ts";

export const pemCommand: Command = {
  name: "pem",
  summary: "print all keys of a team in PEM, for programs that know no JWK",
  help: `postern pem [TEAM | URL | FILE | -]

Prints every usable key as PEM (SPKI, "BEGIN PUBLIC KEY"), each below a line with its kid.
A program that takes a single key must be given the one that its token names: the first
one is as often the wrong one. And keys rotate: what is printed today does not work in a few
weeks.

  --kid KID  only the key of this kid
  --json     an array of { kid, pem }

  postern pem acme > acme.pem
  postern pem acme --kid "$KID" | openssl pkey -pubin -text -noout

Exits with 0 when something was printed, 3 when there is no such key.
`,
  options: { kid: { type: "string" } },
  run,
};

async function run(args: Arguments, terminal: Terminal): Promise<ExitCode> {
  const where = sourceOf(args, terminal);
  const wanted = args.text("kid");
  if (wanted === "") throw new UsageError("--kid needs a value");
  const source = await loadKeys(where, terminal);
  const reports = await reportKeys(source.entries);
  const isWanted = ({ kid }: KeyReport): boolean => wanted === undefined || kid === wanted;
  const usable = reports.filter((report) => report.usable && isWanted(report));
  for (const { kid, usable: isUsable, reason } of reports.filter(isWanted)) {
    if (!isUsable)
      terminal.err(`note: skipped ${visible(kid ?? "a key without kid")}: ${reason}\n`);
  }
  if (args.flag("json")) {
    terminal.out(`${visibleJson(usable.map(({ kid, pem }) => ({ kid, pem })))}\n`);
  } else {
    // Text between the blocks is allowed, and ignored (RFC 7468 section 2).
    for (const { kid, pem } of usable) {
      terminal.out(`kid: ${visible(kid ?? "none")}\n${pem}`);
    }
  }
  if (usable.length > 0) return EXIT.accepted;
  terminal.err(
    wanted === undefined ? "No key is usable.\n" : "There is no usable key of this kid.\n",
  );
  return EXIT.keysUnavailable;
}
