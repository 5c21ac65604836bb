import type { JsonObject } from "../encoding/json.ts";
import { type Check, claimsAccess, describeSpelling, describeToken } from "../explain/checks.ts";
import { calendar, describeTime } from "../explain/human-time.ts";
import { visibleJson } from "../explain/visible.ts";
import { decodeUnverified } from "../token/decode-unverified.ts";
import type { Arguments } from "./arguments.ts";
import type { Command } from "./command.ts";
import { columns, type Paint, paint } from "./paint.ts";
import { readToken } from "./read-token.ts";
import { showChecks } from "./show-checks.ts";
import { EXIT, type ExitCode, type Terminal } from "./terminal.ts";

export const decodeCommand: Command = {
  name: "decode",
  summary: "show the contents of a token, without checking its signature",
  help: `postern decode TOKEN | -

Shows the header and the claims of a token, with readable times, and the faults that can be
seen without a key. It checks no signature: anyone can write such a token. To check whether
a token is genuine, use \`postern verify\`.

You can paste the token in any form: a cookie, a header line, "Bearer …", a curl command.
On a shared machine, give - and pipe the token in: other users can see arguments.

  --json  print JSON

  pbpaste | postern decode -
  postern decode "Cf-Access-Jwt-Assertion: eyJ…"

Exits with 0 when the token can be read, 1 when it cannot.
`,
  options: {},
  run,
};

async function run(args: Arguments, terminal: Terminal): Promise<ExitCode> {
  const token = await readToken(args, terminal);
  const asJson = args.flag("json");
  const style = paint(terminal.colour);
  let decoded: { header: JsonObject; payload: JsonObject };
  try {
    decoded = decodeUnverified(token);
  } catch {
    const check = describeSpelling(token);
    if (asJson) terminal.out(`${visibleJson({ verified: false, problems: [check] })}\n`);
    else terminal.out(`${style.bad("This is not a token.")}\n\n${showChecks([check], style)}`);
    return EXIT.refused;
  }
  const { header, payload } = decoded;
  const now = terminal.now();
  const expected = {
    now,
    toleranceSeconds: 0,
    tokenType: claimsAccess(payload) ? ("app" as const) : undefined,
  };
  const problems = describeToken(header, payload, expected).filter(
    ({ state }) => state === "wrong",
  );
  if (asJson) {
    const times = Object.fromEntries(TIMES.flatMap((claim) => isoTime(payload, claim)));
    terminal.out(`${visibleJson({ verified: false, header, payload, times, problems })}\n`);
  } else {
    terminal.out(render({ header, payload, problems, now }, style));
  }
  return EXIT.accepted;
}

const TIMES = ["iat", "nbf", "exp"];

function isoTime(payload: JsonObject, claim: string): [string, string][] {
  const value = payload[claim];
  const date = typeof value === "number" ? calendar(value) : undefined;
  return date === undefined ? [] : [[claim, date]];
}

interface Decoded {
  readonly header: JsonObject;
  readonly payload: JsonObject;
  readonly problems: readonly Check[];
  readonly now: number;
}

function render({ header, payload, problems, now }: Decoded, style: Paint): string {
  const { bold, warn, good, plain } = style;
  const lines = [
    `${warn("UNVERIFIED")}${plain(": anyone can write such a token. `postern verify` checks whether it is genuine.")}`,
    "",
    bold("Header"),
    ...members(header, style, () => undefined),
    "",
    bold("Claims"),
    ...members(payload, style, (name, value) =>
      TIMES.includes(name) ? describeTime(value, now) : undefined,
    ),
    "",
    bold("At a glance"),
    problems.length === 0
      ? `  ${good("nothing is wrong")}${plain(", as far as can be seen without a key")}`
      : showChecks(problems, style).trimEnd(),
  ];
  return `${lines.join("\n")}\n`;
}

function members(
  object: JsonObject,
  { plain, dim }: Paint,
  gloss: (name: string, value: unknown) => string | undefined,
): string[] {
  const entries = Object.entries(object);
  const column = columns(entries.map(([name]) => name));
  return entries.map(([name, value]) => {
    const said = gloss(name, value);
    const text = `  ${dim(column(name))}  ${plain(visibleJson(value, 0))}`;
    return said === undefined ? text : `${text}  ${dim(said)}`;
  });
}
