import { readAccessToken } from "../access/request.ts";
import { KeySetError } from "../errors.ts";
import { UsageError } from "../explain/usage-error.ts";
import { type FetchInit, type FetchLike, within } from "../http/bounded-fetch.ts";
import { isLoopback } from "../http/secure-url.ts";
import type { Terminal } from "./terminal.ts";

const TIMEOUT_MS = 10_000;

/**
 * Logs in to a running Local Access as its log-in page does, and returns the token.
 *
 * @throws {KeySetError} (rejects) when nothing answers
 * @throws {UsageError} (rejects) when the URL is not on this machine, or not of Local Access
 */
export async function logIn(
  from: string,
  email: string | undefined,
  terminal: Terminal,
): Promise<string> {
  const { origin } = loopbackUrl(from);
  const url = `${origin}/cdn-cgi/access/login`;
  const form = new URLSearchParams({ email: email ?? "user@example.com", redirect_url: "/" });
  const request = {
    method: "POST",
    headers: { origin, "content-type": "application/x-www-form-urlencoded" },
    body: form.toString(),
    redirect: "manual" as const,
  };
  const { fetch = globalThis.fetch as FetchLike } = terminal;
  const context = { url, Family: KeySetError, signal: undefined };
  const response = await within(TIMEOUT_MS, context, (signal) =>
    fetch(url, { ...request, signal } as FetchInit),
  );
  // `Set-Cookie` starts like a `Cookie` header, with a name and a value.
  const [token] = readAccessToken({ cookie: response.headers.get("set-cookie") ?? "" });
  // Another service may set a cookie of this name. It is not a token and is never printed.
  if (token !== undefined && /^[\w-]+\.[\w-]+\.[\w-]+$/.test(token)) return token;
  throw new UsageError(
    response.status === 400
      ? "Local Access refuses this e-mail address: check --email"
      : `The server at --from is not Local Access (status ${response.status})`,
  );
}

function loopbackUrl(from: string): URL {
  try {
    const url = new URL(from);
    if (url.protocol === "http:" && isLoopback(url)) return url;
  } catch {
    // Reported below.
  }
  throw new UsageError('--from must be the address of Local Access, like "http://127.0.0.1:8788"');
}
