import { guessTeam } from "../explain/guess-team.ts";
import { UsageError } from "../explain/usage-error.ts";
import { visible, visibleJson } from "../explain/visible.ts";
import { createTestIssuer, type HostileToken, type TestIssuer } from "../testing/index.ts";
import { type Arguments, AUDIENCE, numberOf, tagOf, teamOf } from "./arguments.ts";
import type { Command } from "./command.ts";
import { NO_PRIVATE_KEY, privateKeyIn, writePublic } from "./key-file.ts";
import { logIn } from "./log-in.ts";
import { EXIT, type ExitCode, type Terminal } from "./terminal.ts";

const YEAR = 366 * 86_400;

export const tokenCommand: Command = {
  name: "token",
  summary: "make a test token, valid or hostile, signed with your own key",
  help: `postern token --team TEAM --aud TAG [--email ADDRESS | --service NAME | --org]
postern token --from http://127.0.0.1:8788 [--email ADDRESS]

Prints a token in the format of Access, signed with your own key. Only a guard that is
configured with the public half of that key (--jwks) accepts it.

  --team TEAM      the team in the token; or the variable TEAM_DOMAIN
  --aud TAG        the AUD tag in the token; or --audience, or the variable POLICY_AUD
  --email ADDRESS  a user's token; default user@example.com
  --service NAME   a service's token, with this common_name
  --org            the token of the team domain, which every application must refuse
  --claim N=VALUE  a claim to add or replace, as JSON or plain text; may be repeated
  --expires SEC    seconds from now; a negative number is in the past
  --key FILE       sign with the private JWK in this file; made if there is no file
  --jwks FILE      write the JWK set for the guard here, in the format of the certs endpoint
  --hostile NAME   a token that every guard must refuse; "list" shows the names with the
                   reasons, "all" prints name, tab and token of each
  --from URL       log in to a running Local Access instead, and print its token
  --json           print the token, its key set and its settings as JSON

  postern token --team acme --aud app --key key.json --jwks certs.json
  curl -H "Cf-Access-Jwt-Assertion: $(postern token --from http://127.0.0.1:8788)" …

Exits with 0, or with 3 when Local Access does not answer.
`,
  options: {
    team: { type: "string" },
    ...AUDIENCE,
    email: { type: "string" },
    service: { type: "string" },
    org: { type: "boolean" },
    claim: { type: "string", multiple: true },
    expires: { type: "string" },
    key: { type: "string" },
    jwks: { type: "string" },
    hostile: { type: "string" },
    from: { type: "string" },
  },
  run,
};

async function run(args: Arguments, terminal: Terminal): Promise<ExitCode> {
  if (args.positionals.length > 0) throw new UsageError("postern token takes only options");
  const from = args.text("from");
  if (from !== undefined) {
    const token = await logIn(from, args.text("email"), terminal);
    terminal.out(args.flag("json") ? `${visibleJson({ token })}\n` : `${token}\n`);
    return EXIT.accepted;
  }
  const kinds = [args.text("service"), args.text("email"), args.flag("org") || undefined];
  if (kinds.filter((kind) => kind !== undefined).length > 1) {
    throw new UsageError("A token is for a user, a service, or the team domain: choose one");
  }
  const hostile = args.text("hostile");
  if (hostile === undefined) await printToken(args, terminal);
  else await printHostile(hostile, args, terminal);
  return EXIT.accepted;
}

/** Creates the issuer from the options. Reads and writes the files of --key and --jwks. */
async function issuerFor(args: Arguments, terminal: Terminal): Promise<TestIssuer> {
  const team = teamOf(args, terminal.env);
  const audience = tagOf(args, terminal.env) ?? "";
  if (team === undefined || audience === "") {
    throw new UsageError("Give the team and the AUD tag of the token: --team and --aud");
  }
  const { issuer, note } = guessTeam(team);
  if (note !== undefined) terminal.err(`note: ${visible(note)}\n`);
  const keyFile = args.text("key");
  const privateJwk = keyFile === undefined ? undefined : await privateKeyIn(keyFile, terminal);
  let made: TestIssuer;
  try {
    made = await createTestIssuer({ team: issuer, audience, privateJwk, now: terminal.now });
  } catch {
    // The team and the audience were checked before, so only the key can be wrong.
    throw new UsageError(NO_PRIVATE_KEY);
  }
  const jwksFile = args.text("jwks");
  if (jwksFile !== undefined) await writePublic(jwksFile, made.jwks(), terminal);
  else if (keyFile === undefined && !args.flag("json")) terminal.err(KEY_IS_GONE);
  return made;
}

const KEY_IS_GONE =
  "note: the key was not saved; --jwks saves the public half, --key the private one\n";

async function printToken(args: Arguments, terminal: Terminal): Promise<void> {
  const service = args.text("service");
  const email = args.text("email");
  const seconds = Math.floor(terminal.now() / 1000);
  const expires = numberOf(args, "expires", [-YEAR, YEAR]);
  const claims = {
    ...(email === undefined ? {} : { email }),
    ...(service === undefined ? {} : { common_name: service }),
    ...(expires === undefined ? {} : timesUntil(seconds + expires, seconds)),
    ...claimsOf(args.texts("claim")),
  };
  const issuer = await issuerFor(args, terminal);
  const make = args.flag("org")
    ? issuer.orgToken
    : service === undefined
      ? issuer.userToken
      : issuer.serviceToken;
  const token = await make(claims).catch((error: unknown) => {
    // Engines write JSON by recursion, so deep nesting overflows the stack.
    throw error instanceof RangeError ? new UsageError("--claim is nested too deeply") : error;
  });
  const { issuer: iss, audience, kid } = issuer;
  const whole = { token, issuer: iss, audience, kid, jwks: issuer.jwks() };
  terminal.out(args.flag("json") ? `${visibleJson(whole)}\n` : `${token}\n`);
}

/** The times of a token. An expired one also needs an earlier start. */
function timesUntil(exp: number, now: number): { exp: number; iat?: number; nbf?: number } {
  return exp > now ? { exp } : { exp, iat: exp - 3600, nbf: exp - 3600 };
}

function claimsOf(texts: readonly string[]): { [claim: string]: unknown } {
  const claims: [string, unknown][] = texts.map((text) => {
    const [, name, value = ""] = /^([^=]+)=(.*)$/s.exec(text) ?? [];
    if (name === undefined) throw new UsageError('--claim must be a name, "=" and a value');
    try {
      return [name, JSON.parse(value)];
    } catch {
      return [name, value];
    }
  });
  return Object.fromEntries(claims);
}

async function printHostile(name: string, args: Arguments, terminal: Terminal): Promise<void> {
  const isList = name === "list";
  // Names and reasons are the same for every issuer.
  const issuer = isList ? await createTestIssuer() : await issuerFor(args, terminal);
  const tokens = await issuer.hostileTokens();
  const asked = isList || name === "all" ? tokens : tokens.filter((token) => token.name === name);
  if (asked.length === 0) {
    throw new UsageError("There is no hostile token of that name: --hostile list shows the names");
  }
  if (args.flag("json")) {
    const { issuer: iss, audience } = issuer;
    const whole = { issuer: iss, audience, jwks: issuer.jwks(), tokens: asked };
    return terminal.out(`${visibleJson(isList ? asked.map(nameAndWhy) : whole)}\n`);
  }
  for (const { name: itsName, token, why } of asked) {
    if (isList) terminal.out(`${itsName}\n  ${why}\n`);
    else terminal.out(name === "all" ? `${itsName}\t${token}\n` : `${token}\n`);
  }
}

function nameAndWhy({ name, why }: HostileToken): { name: string; why: string } {
  return { name, why };
}
