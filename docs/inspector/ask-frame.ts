import { isJsonObject } from "../../src/encoding/json.ts";
import { KeySetError, type KeySetErrorCode } from "../../src/errors.ts";
import { own } from "../../src/own.ts";
import { fragmentFor } from "./policy.ts";

const PATIENCE_MS = 15_000;

/**
 * Fetches a JWK set through a frame of this page. The policy of the frame allows only this address, and the
 * frame gets no other data.
 *
 * @throws {KeySetError} (rejects) when the set cannot be fetched
 */
export async function askFrame(url: URL): Promise<unknown> {
  const frame = document.createElement("iframe");
  frame.hidden = true;
  frame.title = "Fetches the key set";
  // A sandboxed frame has no origin. Keys on this page's origin need it.
  const sharesOrigin = url.origin === location.origin;
  frame.setAttribute("sandbox", sharesOrigin ? "allow-scripts allow-same-origin" : "allow-scripts");
  frame.src = `${location.href.replace(/[?#].*/s, "")}${fragmentFor(url)}`;
  try {
    return read(await answerOf(frame));
  } finally {
    frame.remove();
  }
}

function answerOf(frame: HTMLIFrameElement): Promise<unknown> {
  return new Promise((resolve) => {
    const finish = (answer: unknown): void => {
      removeEventListener("message", listen);
      clearTimeout(timer);
      resolve(answer);
    };
    const listen = ({ source, data }: MessageEvent): void => {
      if (source !== null && source === frame.contentWindow) finish(data);
    };
    const timer = setTimeout(() => finish({ code: "fetch_timeout" }), PATIENCE_MS);
    addEventListener("message", listen);
    document.body.append(frame);
  });
}

function read(answer: unknown): unknown {
  if (!isJsonObject(answer)) throw new KeySetError("fetch_failed");
  if (Object.hasOwn(answer, "jwks")) return own(answer, "jwks");
  const upstreamStatus = own(answer, "upstreamStatus");
  throw new KeySetError(own(answer, "code") as KeySetErrorCode, {
    upstreamStatus: typeof upstreamStatus === "number" ? upstreamStatus : undefined,
  });
}
