import { UsageError } from "../explain/usage-error.ts";
import { visibleJson } from "../explain/visible.ts";
import { type LocalAccess, type LocalAccessOptions, startLocalAccess } from "../local/index.ts";
import { type Arguments, AUDIENCE, audiencesOf, numberOf } from "./arguments.ts";
import type { Command } from "./command.ts";
import { columns, type Paint, paint } from "./paint.ts";
import { EXIT, type ExitCode, type Terminal } from "./terminal.ts";

export const localCommand: Command = {
  name: "local",
  summary: "imitate Access in front of an application on this machine",
  help: `postern local TARGET

Starts Local Access: a log-in page, signed tokens, key rotation and outages, in front of an
application that runs on this machine. Only the configuration of the application
changes: its team is the printed address, and its audience is the printed tag. Development
needs no bypass, which one day would reach production.

TARGET is the application: a port, or an address like http://127.0.0.1:3000.

  --port PORT      where to listen on 127.0.0.1; 8788 unless you say so, 0 for any free one
  --aud TAG        the AUD tag of its tokens; or --audience, or the variable POLICY_AUD. The
                   same at every start unless you say so. Several, with commas, where
                   several applications of Access guard one host: the first is in force
  --team NAME      the name that its log-in page shows
  --email ADDRESS  the person that its log-in page offers first
  --managed-oauth  programs get a 401 with a Bearer challenge, not the log-in page
  --bypass-options OPTIONS requests reach the application, without a token
  --older-service-tokens
                   a service gets a cookie, and the log-in page when its secret is wrong, as
                   in organisations that have not turned strict service tokens on
  --json           what it prints, as JSON in one line

  postern local 3000
  TEAM=http://127.0.0.1:8788 AUD=app node server.js & postern local 3000 --aud app

Ctrl-C ends it. Anyone on this machine can log in there as anyone: its tokens prove
nothing, and it listens on loopback only.
`,
  options: {
    port: { type: "string" },
    ...AUDIENCE,
    team: { type: "string" },
    email: { type: "string" },
    "managed-oauth": { type: "boolean" },
    "bypass-options": { type: "boolean" },
    "older-service-tokens": { type: "boolean" },
  },
  run,
};

async function run(args: Arguments, terminal: Terminal): Promise<ExitCode> {
  const [target, ...others] = args.positionals;
  if (target === undefined || others.length > 0) {
    throw new UsageError(`Say where the application is: ${TARGET}`);
  }
  const tags = audiencesOf(args, terminal.env);
  const access = await start({
    target: guessTarget(target),
    port: numberOf(args, "port", [0, 65_535]),
    audience: tags.length === 0 ? undefined : tags,
    team: args.text("team"),
    email: args.text("email"),
    managedOAuth: args.flag("managed-oauth"),
    bypassOptionsRequests: args.flag("bypass-options"),
    strictServiceTokens: !args.flag("older-service-tokens"),
  });
  terminal.out(
    args.flag("json")
      ? `${visibleJson(access, 0)}\n`
      : announcement(access, guessTarget(target), paint(terminal.colour)),
  );
  await terminal.interrupted();
  await access.close();
  return EXIT.accepted;
}

/** A port, or an address that lacks its protocol, is on this machine. */
function guessTarget(text: string): string {
  if (/^:?0+$/.test(text)) throw new UsageError(`target must be ${TARGET}`);
  if (/^:?\d{1,5}$/.test(text)) return `http://127.0.0.1:${text.replace(":", "")}`;
  return /^[\w.[\]]+:\d{1,5}\/?$/.test(text) ? `http://${text}` : text;
}

const TARGET = "a port, or an http URL on loopback with a port, like http://127.0.0.1:3000";

async function start(options: LocalAccessOptions): Promise<LocalAccess> {
  try {
    return await startLocalAccess(options);
  } catch (error) {
    const { code, message } = error as { code?: string; message: string };
    if (code === "EADDRINUSE") {
      throw new UsageError("The port is taken: choose another one with --port");
    }
    if (code === "EACCES") throw new UsageError("The port may not be used: choose one above 1023");
    if (!(error instanceof TypeError || error instanceof RangeError)) throw error;
    throw new UsageError(message.startsWith("target ") ? `target must be ${TARGET}` : message);
  }
}

function announcement(access: LocalAccess, target: string, style: Paint): string {
  const { bold, dim, plain } = style;
  const { url, issuer, audiences, serviceToken, controls } = access;
  const facts: readonly (readonly [name: string, value: string])[] = [
    ["open", url],
    ["team", issuer],
    ["audience", audiences.join(",")],
    ["client id", serviceToken.clientId],
    ["client secret", serviceToken.clientSecret],
    ["controls", controls.url],
    ["controls' secret", controls.secret],
    ["inspector", `${controls.url}/inspector`],
  ];
  const column = columns(facts.map(([name]) => name));
  const lines = facts.map(([name, value]) => `  ${dim(column(name))}  ${plain(value)}\n`);
  return `${bold("Local Access")} ${plain(`is in front of ${target}`)}

${lines.join("")}
${plain("Configure the application with this team and this audience. Ctrl-C ends it.")}
`;
}
