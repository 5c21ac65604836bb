import { UsageError } from "../explain/usage-error.ts";
import { visibleJson } from "../explain/visible.ts";
import { askGate, type Discovered, GateError } from "../knock/gate.ts";
import type { Arguments } from "./arguments.ts";
import type { Command } from "./command.ts";
import { paint } from "./paint.ts";
import { EXIT, type ExitCode, type Terminal } from "./terminal.ts";

export const discoverCommand: Command = {
  name: "discover",
  summary: "find the team and the AUD tag of an application, from its public address",
  help: `postern discover URL

Asks an application's public address, without a log-in, and prints the team and the AUD tag
that Access names, ready to paste into the environment. It sends at most three requests, and
no credentials.

A redirect to the log-in shows both. A 401 shows the team alone: the audience is then
reported as unknown. Look it up in the dashboard.

  --json  the same as JSON

  postern discover https://app.example.com
  postern discover https://app.example.com | grep = > .env

Exits with 0 when the team is known, 3 when the address is not behind Access or does not
answer.
`,
  options: {},
  run,
};

const TIMEOUT_MS = 10_000;

async function run(args: Arguments, terminal: Terminal): Promise<ExitCode> {
  const [where, ...others] = args.positionals;
  if (where === undefined || others.length > 0) {
    throw new UsageError("Say which address to ask, like https://app.example.com");
  }
  const url = webAddress(where, "The address");
  const userAgent = `postern-discover/${await terminal.version()}`;
  let found: Discovered;
  try {
    const gate = await askGate(url, { fetch: terminal.fetch, timeoutMs: TIMEOUT_MS, userAgent });
    const { team, issuer, audience, certsUrl, managedOAuth, keys } = gate;
    found = { team, issuer, audience, certsUrl, managedOAuth, keys };
  } catch (error) {
    if (!(error instanceof GateError)) throw error;
    return unknownGate(error, args, terminal);
  }
  terminal.out(args.flag("json") ? `${visibleJson(found)}\n` : describe(found, terminal));
  return EXIT.accepted;
}

/** Says that there is no gate, in one sentence. */
export function unknownGate({ message }: GateError, args: Arguments, terminal: Terminal): ExitCode {
  terminal.err(`${message}\n`);
  if (args.flag("json")) {
    terminal.out(`${visibleJson({ error: { code: "no_gate", says: message } })}\n`);
  }
  return EXIT.keysUnavailable;
}

/**
 * A web address; one without a protocol is on https, or on this machine.
 *
 * @throws {UsageError} when it is none; it is never quoted
 */
export function webAddress(text: string, what: string): URL {
  const isLocal = /^(?:localhost|127(?:\.\d+){3}|\[::1\])(?=[:/]|$)/i.test(text);
  const full = /^[a-z][a-z0-9+.-]*:\/\//i.test(text)
    ? text
    : `${isLocal ? "http" : "https"}://${text}`;
  let url: URL;
  try {
    url = new URL(full);
  } catch {
    throw new UsageError(`${what} is not a URL`);
  }
  if (!/^https?:$/.test(url.protocol))
    throw new UsageError(`${what} must begin with https or http`);
  if (url.username !== "" || url.password !== "") {
    throw new UsageError(`${what} must be given without a name and a password`);
  }
  url.hash = "";
  return url;
}

function describe(found: Discovered, { colour }: Terminal): string {
  const { plain, dim, warn } = paint(colour);
  const { issuer, audience, certsUrl, managedOAuth, keys } = found;
  const lines = [
    plain(`TEAM_DOMAIN=${issuer}`),
    audience === null
      ? warn("# POLICY_AUD is unknown: a 401 does not tell it. The dashboard shows it.")
      : plain(`POLICY_AUD=${audience}`),
    "",
    `${dim("# keys          ")} ${keys === null ? warn(`not available from ${certsUrl}`) : plain(`${keys} usable, from ${certsUrl}`)}`,
    `${dim("# Managed OAuth ")} ${plain(managedOAuth ? "answers clients that are no browser" : "does not answer")}`,
  ];
  return `${lines.join("\n")}\n`;
}
