import { BODY_MS, MAX_BYTES } from "./body-limits.ts";
import type { Carrier, Reply, Sent } from "./types.ts";

/** An application as a function from a web request to a response, as in Workers, Deno and Bun. */
export type FetchHandler = (request: Request) => Response | Promise<Response>;

/**
 * Sends requests by `fetch`, or calls the application's handler. It cannot send everything: a URL
 * normalizes its path, and the client sets `Host` and the connection headers itself.
 */
export function fetchCarrier(
  origin: string,
  handler: FetchHandler | undefined,
  timeoutMs: number,
): Carrier {
  return {
    carries: (sent) => isPlain(sent, origin, handler !== undefined),
    async send(sent, signal) {
      let timer: ReturnType<typeof setTimeout> | undefined;
      let stop = (): void => {};
      const connection = new AbortController();
      const send: FetchHandler =
        handler ?? ((request) => fetch(request, { signal: connection.signal }));
      const exchange = async (): Promise<Reply> => {
        const response = await send(requestOf(sent, origin));
        // From here on, there is an answer.
        clearTimeout(timer);
        return replyOf(response, sent);
      };
      const late = new Promise<Reply>((resolve) => {
        timer = setTimeout(resolve, timeoutMs, silence("no answer in time"));
        stop = () => resolve(silence("not tried: the time for this run is over"));
        signal.addEventListener("abort", stop);
      });
      try {
        return await Promise.race([late, exchange()]);
      } catch {
        return silence(handler === undefined ? "no answer" : "the application threw");
      } finally {
        clearTimeout(timer);
        signal.removeEventListener("abort", stop);
        connection.abort();
      }
    },
  };
}

function silence(reason: string): Reply {
  return { status: null, isCut: false, reason };
}

async function replyOf(response: Response, { method }: Sent): Promise<Reply> {
  const { status, headers } = response;
  const hasBody = method !== "HEAD" && status !== 101;
  const body = await beginningOf(response.body, hasBody ? MAX_BYTES : 0);
  return { status, location: headers.get("location") ?? undefined, body };
}

/** Reads what arrives of a body within the limits, and closes it. */
async function beginningOf(body: Response["body"], most: number): Promise<string> {
  if (body === null) return "";
  const reader = body.getReader();
  const close = (): void => void reader.cancel().catch(() => {});
  const timer = setTimeout(close, BODY_MS);
  const utf8 = new TextDecoder();
  let text = "";
  try {
    for (let size = 0; size < most; ) {
      const { done, value } = await reader.read();
      if (done) break;
      // An empty chunk counts too: endless empty chunks would keep all timers from running.
      size += value.byteLength || 1024;
      text += utf8.decode(value, { stream: true });
    }
    return text.slice(0, most);
  } finally {
    clearTimeout(timer);
    close();
  }
}

function requestOf({ method, target, headers }: Sent, origin: string): Request {
  const url = new URL(target, origin);
  const given = headers.map(([name, value]): [string, string] => [name, value]);
  return new Request(url, { method, headers: given, redirect: "manual" });
}

/** Whether the request would arrive exactly as it is written. */
function isPlain(sent: Sent, origin: string, isHandler: boolean): boolean {
  const { target, headers, isHandshake } = sent;
  const ownByClient = /^(?:host|upgrade|connection|sec-websocket-.*|access-control-.*|origin)$/i;
  if (!isHandler && (isHandshake || headers.some(([name]) => ownByClient.test(name)))) return false;
  try {
    const { pathname, search } = new URL(target, origin);
    if (!target.startsWith("/") || `${pathname}${search}` !== target) return false;
    const { headers: kept } = requestOf(sent, origin);
    // Some runtimes drop the headers that a page in a browser may not set.
    return headers.every(([name, value]) => kept.get(name)?.includes(value.trim()) === true);
  } catch {
    return false;
  }
}
