import type { KeySetError, KeySetErrorCode } from "../errors.ts";

/** Why no keys could be had, and what would help. */
export interface Trouble {
  readonly says: string;
  readonly fix: string;
}

/** Error codes of Node, which a failed `fetch` or read brings along as its cause. */
const CAUSES: { readonly [code: string]: Trouble } = {
  __proto__: null as never,
  ENOENT: { says: "there is no such file", fix: "Compare the path." },
  EISDIR: { says: "it is a directory", fix: "Name a file in it." },
  EACCES: { says: "the file may not be read", fix: "Compare its permissions." },
  EFBIG: { says: "the file is too large for a JWK set", fix: "Is it another file?" },
  ENOTFOUND: {
    says: "there is no host of that name",
    fix: "Compare the name, and whether this machine can look names up.",
  },
  EAI_AGAIN: {
    says: "the host's name could not be looked up",
    fix: "Is this machine connected to the network?",
  },
  ECONNREFUSED: { says: "nobody listens there", fix: "Is it running, and on that port?" },
  ECONNRESET: { says: "the connection was cut", fix: "Try again." },
  UND_ERR_SOCKET: { says: "the connection was cut", fix: "Try again." },
};

const CODES: { readonly [code in KeySetErrorCode]: Trouble } = {
  fetch_failed: {
    says: "the request failed",
    fix: "Can this machine reach the host, over https, and does it trust its certificate?",
  },
  fetch_timeout: { says: "there was no answer in time", fix: "Try again, or look at the network." },
  http_status: { says: "the answer was an error", fix: "Try again later." },
  redirected: {
    says: "the answer was a redirect, which is never followed",
    fix: "Give the address that it leads to, if you trust it.",
  },
  response_too_large: {
    says: "the answer is too large for a JWK set",
    fix: "Is it the right address?",
  },
  not_json: {
    says: "it is no JSON object",
    fix: 'A JWK set looks like {"keys": [ … ]}; a page of HTML means another address.',
  },
  jwks_malformed: {
    says: 'there is no array "keys" in it',
    fix: 'A JWK set looks like {"keys": [ … ]}.',
  },
  no_usable_keys: {
    says: "no key in it verifies RS256",
    fix: "`postern keys` says why each of them is skipped.",
  },
  backing_off: { says: "it failed a moment ago", fix: "Try again later." },
  discovery_mismatch: { says: "it belongs to another issuer", fix: "Compare the issuer." },
};

export function explain({ code, upstreamStatus, cause }: KeySetError): Trouble {
  if (code === "http_status") {
    const isUnknown = upstreamStatus === 404;
    return {
      says: `the answer was ${upstreamStatus}`,
      fix: isUnknown ? "Access answers 404 for a team that it does not know." : CODES[code].fix,
    };
  }
  const itsCode = causeCode(cause);
  const trouble = CAUSES[itsCode] ?? CODES[code] ?? CODES.fetch_failed;
  const isTold = itsCode === "" || itsCode in CAUSES;
  return isTold ? trouble : { ...trouble, says: `${trouble.says} (${itsCode})` };
}

/** `fetch` wraps the socket's error once more. */
function causeCode(error: unknown): string {
  const { code, cause } = (error ?? {}) as { code?: unknown; cause?: unknown };
  if (typeof code === "string") return code;
  return typeof cause === "object" && cause !== null ? causeCode(cause) : "";
}
