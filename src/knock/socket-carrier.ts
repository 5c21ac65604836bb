import { connect as connectTcp, isIP, type Socket } from "node:net";
import { connect as connectTls } from "node:tls";
import { BODY_MS, MAX_BYTES } from "./body-limits.ts";
import type { Carrier, Reply, Sent } from "./types.ts";

/** The address of the origin, and the names that requests use for it. */
export interface Door {
  readonly url: URL;
  /** Connect here instead of to the URL's host. */
  readonly connect?: { readonly host: string; readonly port: number } | undefined;
  /** The value of `Host`, and the name in the TLS handshake. */
  readonly host?: string | undefined;
  /** Accept any certificate. Only Cloudflare trusts one from Cloudflare's Origin CA. */
  readonly insecure?: boolean | undefined;
  readonly userAgent: string;
  readonly timeoutMs: number;
}

/** Sends each request on its own connection, byte for byte as written. */
export function socketCarrier(door: Door): Carrier {
  return { carries: () => true, send: (sent, signal) => exchange(sent, door, signal) };
}

/** The value of `Host` (RFC 9110 section 7.2). */
export function hostOf({ url, host }: Pick<Door, "url" | "host">): string {
  return host ?? url.host;
}

function exchange(sent: Sent, door: Door, signal: AbortSignal): Promise<Reply> {
  return new Promise((resolve) => {
    const socket = open(door);
    const chunks: Buffer[] = [];
    let size = 0;
    let isConnected = false;
    let bodyTimer: ReturnType<typeof setTimeout> | undefined;
    const silent = (reason: string): void => end({ status: null, isCut: false, reason });
    const timer = setTimeout(() => {
      const bytes = Buffer.concat(chunks);
      end(
        read(bytes, sent.method, true) ?? {
          status: null,
          isCut: false,
          reason: "no answer in time",
        },
      );
    }, door.timeoutMs);
    const abort = (): void => silent("not tried: the time for this run is over");
    function end(reply: Reply): void {
      clearTimeout(timer);
      clearTimeout(bodyTimer);
      signal.removeEventListener("abort", abort);
      socket.destroy();
      resolve(reply);
    }
    const closed = (reason: string): void => {
      const reply = read(Buffer.concat(chunks), sent.method, true);
      end(reply ?? { status: null, isCut: isConnected, reason });
    };
    signal.addEventListener("abort", abort);
    if (signal.aborted) return abort();
    socket.once(door.url.protocol === "https:" ? "secureConnect" : "connect", () => {
      isConnected = true;
      socket.write(spell(sent, door), "latin1");
    });
    socket.on("data", (chunk: Buffer) => {
      chunks.push(chunk);
      size += chunk.length;
      const bytes = Buffer.concat(chunks);
      const reply = read(bytes, sent.method, size >= MAX_BYTES);
      if (reply !== undefined) return end(reply);
      if (size >= MAX_BYTES) return silent("the answer's head has no end");
      if (bodyTimer === undefined && read(bytes, sent.method, true) !== undefined) {
        bodyTimer = setTimeout(() => closed("no answer"), BODY_MS);
      }
    });
    socket.once("error", (error: NodeJS.ErrnoException) => closed(reasonOf(error)));
    socket.once("close", () => closed("closed without an answer"));
  });
}

function open({ url, connect, host, insecure }: Door): Socket {
  const isTls = url.protocol === "https:";
  const to = connect ?? {
    host: url.hostname.replace(/^\[|\]$/g, ""),
    port: Number(url.port) || (isTls ? 443 : 80),
  };
  if (!isTls) return connectTcp(to);
  const name = (host ?? url.hostname).replace(/:\d+$/, "").replace(/^\[|\]$/g, "");
  return connectTls({
    ...to,
    ...(isIP(name) === 0 && { servername: name }),
    rejectUnauthorized: insecure !== true,
    ALPNProtocols: ["http/1.1"],
  });
}

/** Writes the request. A header of the knock replaces the default with the same name. */
function spell({ method, target, headers }: Sent, door: Door): string {
  const given = new Set(headers.map(([name]) => name.toLowerCase()));
  const usual = [
    ["Host", hostOf(door)],
    ["User-Agent", door.userAgent],
    ["Accept", "*/*"],
    ["Connection", "close"],
  ].filter(([name = ""]) => !given.has(name.toLowerCase()));
  const lines = [...usual, ...headers].map(([name, value]) => `${name}: ${value}\r\n`);
  return `${method} ${target} HTTP/1.1\r\n${lines.join("")}\r\n`;
}

/**
 * Reads an answer (RFC 9112 section 6).
 *
 * @returns `undefined` while the answer is incomplete and more may come
 */
export function read(bytes: Buffer, method: Sent["method"], isAll: boolean): Reply | undefined {
  const text = afterInterim(bytes.toString("latin1"));
  const end = text.indexOf("\r\n\r\n");
  const [, code] = /^HTTP\/1\.[01] (\d{3})(?: |\r|$)/.exec(text) ?? [];
  if (code === undefined) {
    const isOther = text.length >= 12 && isAll;
    return isOther
      ? { status: null, isCut: false, reason: "the answer is not HTTP/1.1" }
      : undefined;
  }
  if (end < 0) return undefined;
  const status = Number(code);
  const head = text.slice(0, end);
  const field = (name: string): string | undefined =>
    new RegExp(`^${name}:(.*)$`, "im").exec(head)?.[1]?.trim();
  const raw = text.slice(end + 4);
  const answer = (body: string): Reply => ({
    ...{ status, location: field("location"), body: body.slice(0, MAX_BYTES) },
  });
  if (method === "HEAD" || status === 101 || status === 204 || status === 304) return answer("");
  if (/\bchunked\b/i.test(field("transfer-encoding") ?? "")) {
    const { body, isWhole } = dechunk(raw);
    return isWhole || isAll ? answer(body) : undefined;
  }
  const length = Number(field("content-length") ?? Number.NaN);
  if (length >= 0) return raw.length >= length || isAll ? answer(raw.slice(0, length)) : undefined;
  return isAll ? answer(raw) : undefined;
}

/** What follows interim responses (RFC 9110 section 15.2). The origin chooses how many there are. */
function afterInterim(text: string): string {
  let rest = text;
  while (isInterim(rest)) {
    const end = rest.indexOf("\r\n\r\n");
    if (end < 0) break;
    rest = rest.slice(end + 4);
  }
  return rest;
}

function isInterim(text: string): boolean {
  return /^HTTP\/1\.[01] 1(?!01)\d\d(?: |\r|$)/.test(text);
}

/** Joins the chunks that arrived, whole or in part (RFC 9112 section 7.1). */
function dechunk(raw: string): { readonly body: string; readonly isWhole: boolean } {
  let body = "";
  for (let at = 0; ; ) {
    const line = /^([0-9a-f]{1,8})[^\r\n]*\r\n/i.exec(raw.slice(at, at + 1024));
    if (line === null) return { body, isWhole: false };
    const size = Number.parseInt(line[1] as string, 16);
    at += line[0].length;
    // Trailers may follow, and then an empty line.
    if (size === 0) return { body, isWhole: raw.includes("\r\n\r\n", at - 2) };
    body += raw.slice(at, at + size);
    at += size + 2;
  }
}

function reasonOf({ code = "" }: NodeJS.ErrnoException): string {
  if (code === "ECONNREFUSED") return "the connection was refused";
  if (code === "ENOTFOUND" || code === "EAI_AGAIN") return "the host name has no address";
  if (/CERT|SELF_SIGNED|UNABLE_TO|ALTNAME/.test(code)) {
    return "its certificate is not trusted here: use --insecure to accept it";
  }
  if (/^(?:ERR_SSL|EPROTO)/.test(code)) return "the server does not speak TLS";
  return code === "" ? "no answer" : `no answer (${code})`;
}
