import { isKeySetError } from "../../src/errors.ts";
import { fetchKeySet } from "../../src/keys/fetch-key-set.ts";
import { keysUrl } from "./policy.ts";

const TIMEOUT_MS = 10_000;
const MAX_BYTES = 1_048_576;

/** The message from the frame to the page. */
export type Answer =
  | { readonly jwks: unknown }
  | { readonly code: string; readonly upstreamStatus: number | undefined };

/** Runs inside the frame: fetches the keys and sends them to the page. It never gets a token. */
export async function answerPage(): Promise<void> {
  const url = keysUrl(location.hash);
  if (url === undefined) return;
  const answer = await get(url.href);
  // A page from a file has no origin.
  parent.postMessage(answer, location.protocol === "file:" ? "*" : location.origin);
}

async function get(url: string): Promise<Answer> {
  try {
    const signal = AbortSignal.timeout(TIMEOUT_MS);
    const bounds = { fetch: undefined, timeoutMs: TIMEOUT_MS, maxBytes: MAX_BYTES };
    const fetched = await fetchKeySet({ url, cold: true, signal }, bounds);
    return { jwks: "jwks" in fetched ? fetched.jwks : undefined };
  } catch (error) {
    const { code, upstreamStatus } = isKeySetError(error)
      ? error
      : { code: "fetch_failed", upstreamStatus: undefined };
    return { code, upstreamStatus };
  }
}
