import { readAccessToken } from "../access/request.ts";
import { KeySetError } from "../errors.ts";
import { UsageError } from "../explain/usage-error.ts";
import type { ResponseLike } from "../http/bounded-fetch.ts";
import { isLoopback } from "../http/secure-url.ts";
import type { Terminal } from "./terminal.ts";

const TIMEOUT_MS = 10_000;

/**
 * Logs in to a running Local Access as its log-in page would, and brings the token.
 *
 * @throws {KeySetError} (rejects) when there is no answer
 * @throws {UsageError} (rejects) when the URL is not of this machine, or not of Local Access
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
    signal: AbortSignal.timeout(TIMEOUT_MS),
  };
  let response: ResponseLike;
  try {
    response = await (terminal.fetch ?? globalThis.fetch)(url, request as never);
  } catch (cause) {
    throw new KeySetError("fetch_failed", { url, cause });
  }
  // `Set-Cookie` starts as a cookie does: a name, a value, and then what it is about.
  const [token] = readAccessToken({ cookie: response.headers.get("set-cookie") ?? "" });
  // Anything else that a service sets under that name is no token. It is never printed.
  if (token !== undefined && /^[\w-]+\.[\w-]+\.[\w-]+$/.test(token)) return token;
  throw new UsageError(
    response.status === 400
      ? "Local Access does not take this address: --email must be one"
      : `The address does not answer as Local Access does (status ${response.status})`,
  );
}

function loopbackUrl(from: string): URL {
  try {
    const url = new URL(from);
    if (url.protocol === "http:" && isLoopback(url)) return url;
  } catch {
    // Told below, in the same words.
  }
  throw new UsageError('--from must be the address of Local Access, like "http://127.0.0.1:8788"');
}
