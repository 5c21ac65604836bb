import { UsageError } from "../explain/usage-error.ts";
import { visibleJson } from "../explain/visible.ts";
import { type LocalAccess, type LocalAccessOptions, startLocalAccess } from "../local/index.ts";
import { isAddressFault } from "../proxy/listening.ts";
import { type Arguments, AUDIENCE, audiencesOf, numberOf } from "./arguments.ts";
import type { Command } from "./command.ts";
import { columns, type Paint, paint } from "./paint.ts";
import { EXIT, type ExitCode, type Terminal } from "./terminal.ts";

export const localCommand: Command = {
  name: "local",
  summary: "run an imitation of Access in front of an application on this machine",
  help: `postern local TARGET

Starts Local Access in front of an application on this machine. It has a log-in page, signed
tokens, key rotation and outages. You change only two settings of the application: its team
is the printed address, and its audience is the printed tag. So you need no bypass for
development, which could reach production by mistake.

TARGET is the application: a port, or an address like http://127.0.0.1:3000.

  --port PORT      the port on 127.0.0.1; default 8788, 0 for any free one
  --aud TAG        the AUD tag of its tokens; or --audience, or the variable POLICY_AUD. The
                   default is the same at every start. Give several, with commas, if
                   several applications of Access share one host: it starts with the first
  --team NAME      the name on its log-in page
  --email ADDRESS  the first e-mail address that its log-in page offers
  --managed-oauth  programs get a 401 with a Bearer challenge, not the log-in page
  --bypass-options OPTIONS requests reach the application without a token
  --older-service-tokens
                   a service gets a cookie, and with a wrong secret the log-in page, as in
                   organisations that have not turned on strict service tokens
  --json           print JSON in one line

  postern local 3000
  TEAM=http://127.0.0.1:8788 AUD=app node server.js & postern local 3000 --aud app

Ctrl-C ends it. Anyone on this machine can log in as anyone: its tokens prove nothing, and
it listens only on loopback.
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
    throw new UsageError(`Give the address of the application: ${TARGET}`);
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

/** Completes a port, or an address without a protocol. */
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
    if (isAddressFault(error)) throw new UsageError(`${error.message}, with --port`);
    if (!(error instanceof TypeError || error instanceof RangeError)) throw error;
    const { message } = error;
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
