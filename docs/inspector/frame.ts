import { isKeySetError } from "../../src/errors.ts";
import { fetchKeySet } from "../../src/keys/fetch-key-set.ts";
import { keysUrl } from "./policy.ts";

const TIMEOUT_MS = 10_000;
const MAX_BYTES = 1_048_576;

/** What the frame tells the page. */
export type Answer =
  | { readonly jwks: unknown }
  | { readonly code: string; readonly upstreamStatus: number | undefined };

/** Inside the frame: gets the keys, hands them to the page, and knows nothing of any token. */
export async function answerPage(): Promise<void> {
  const url = keysUrl(location.hash);
  if (url === undefined) return;
  const answer = await get(url.href);
  // From a file there is no origin to name.
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
