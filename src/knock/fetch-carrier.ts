import type { Carrier, Reply, Sent } from "./types.ts";

/** An application as a function from a web request to a response, as in Workers, Deno and Bun. */
export type FetchHandler = (request: Request) => Response | Promise<Response>;

const MAX_BODY = 65_536;

/**
 * Sends requests by `fetch`, or calls the application's handler. It cannot send everything: a URL
 * normalizes its path, and the client sets `Host` and the connection headers itself.
 */
export function fetchCarrier(
  origin: string,
  handler: FetchHandler | undefined,
  timeoutMs: number,
): Carrier {
  const send: FetchHandler = handler ?? ((request) => fetch(request));
  return {
    carries: (sent) => isPlain(sent, origin, handler !== undefined),
    async send(sent, signal) {
      let timer: ReturnType<typeof setTimeout> | undefined;
      let stop = (): void => {};
      const late = new Promise<Reply>((resolve) => {
        timer = setTimeout(resolve, timeoutMs, silence("no answer in time"));
        stop = () => resolve(silence("not tried: the time for this run is over"));
        signal.addEventListener("abort", stop);
      });
      try {
        return await Promise.race([late, exchange(requestOf(sent, origin), send)]);
      } catch {
        return silence(handler === undefined ? "no answer" : "the application threw");
      } finally {
        clearTimeout(timer);
        signal.removeEventListener("abort", stop);
      }
    },
  };
}

function silence(reason: string): Reply {
  return { status: null, isCut: false, reason };
}

async function exchange(request: Request, send: FetchHandler): Promise<Reply> {
  const response = await send(request);
  const { status, headers } = response;
  const body = request.method === "HEAD" || status === 101 ? "" : await response.text();
  return { status, location: headers.get("location") ?? undefined, body: body.slice(0, MAX_BODY) };
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
