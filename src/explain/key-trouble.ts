import { causeCode, type KeySetError, type KeySetErrorCode } from "../errors.ts";

/** Why there are no keys, and what to do. */
export interface Trouble {
  readonly says: string;
  readonly fix: string;
}

/** Error codes of Node, from the cause of a failed `fetch` or read. */
const CAUSES: { readonly [code: string]: Trouble } = {
  __proto__: null as never,
  ENOENT: { says: "there is no such file", fix: "Check the path." },
  EISDIR: { says: "it is a directory", fix: "Give a file in it." },
  EACCES: { says: "this user may not read the file", fix: "Check its permissions." },
  EFBIG: {
    says: "the file is too large for a key set",
    fix: "Check that it is the right file.",
  },
  ENOTFOUND: {
    says: "DNS has no host of that name",
    fix: "Check the name, and that this machine can look up names.",
  },
  EAI_AGAIN: {
    says: "the DNS look-up failed",
    fix: "Check this machine's network and its DNS server.",
  },
  ECONNREFUSED: {
    says: "nothing listens on that port",
    fix: "Check that the server is running, and its port.",
  },
  ...alike(["ECONNRESET", "UND_ERR_SOCKET"], {
    says: "the connection was cut",
    fix: "Try again. If it happens again, look for a proxy or a firewall between here and the host.",
  }),
  ...alike(["ETIMEDOUT", "UND_ERR_CONNECT_TIMEOUT", "EHOSTUNREACH", "ENETUNREACH"], {
    says: "the host cannot be reached",
    fix: "Check that a firewall lets this machine reach the host on port 443.",
  }),
  ...alike(
    [
      "CERT_HAS_EXPIRED",
      "DEPTH_ZERO_SELF_SIGNED_CERT",
      "SELF_SIGNED_CERT_IN_CHAIN",
      "UNABLE_TO_GET_ISSUER_CERT_LOCALLY",
      "UNABLE_TO_VERIFY_LEAF_SIGNATURE",
      "ERR_TLS_CERT_ALTNAME_INVALID",
    ],
    {
      says: "this machine does not trust the server's certificate",
      fix: "If your company's proxy decrypts HTTPS, put its certificate file into NODE_EXTRA_CA_CERTS. Otherwise do not trust the answer.",
    },
  ),
};

function alike(codes: readonly string[], trouble: Trouble): { [code: string]: Trouble } {
  return Object.fromEntries(codes.map((code) => [code, trouble]));
}

const CODES: { readonly [code in KeySetErrorCode]: Trouble } = {
  fetch_failed: {
    says: "the request failed",
    fix: "Check that this machine can reach the host over HTTPS and trusts its certificate.",
  },
  fetch_timeout: {
    says: "there was no answer in time",
    fix: "Try again. If it happens again, check the network between here and the host.",
  },
  http_status: {
    says: "the answer was an error",
    fix: "Try again later. A running verifier does so automatically.",
  },
  redirected: {
    says: "the answer was a redirect, which is never followed",
    fix: "If you trust the address in the redirect, give that one.",
  },
  response_too_large: {
    says: "the answer is too large for a key set",
    fix: "Check the address.",
  },
  not_json: {
    says: "it is not a JSON object",
    fix: 'A key set looks like {"keys": [ … ]}. An HTML page means that the address is wrong.',
  },
  jwks_malformed: {
    says: 'there is no array "keys" in it',
    fix: 'A key set looks like {"keys": [ … ]}. Check the address.',
  },
  no_usable_keys: {
    says: "no key in it can verify RS256",
    fix: "`postern keys` shows why each key is skipped.",
  },
  backing_off: {
    says: "it failed a moment ago",
    fix: "Try again later. A running verifier does so automatically.",
  },
  discovery_mismatch: {
    says: "it belongs to another issuer",
    fix: "Check the issuer: both must be exactly the same text.",
  },
};

const NO_LOG_IN = "A public key endpoint needs no log-in: check the address.";

/** What to do about a status that will not change by itself. */
const FIXES = new Map<number | undefined, string>([
  [401, NO_LOG_IN],
  [403, NO_LOG_IN],
  [404, "Access answers 404 for a team that does not exist: check the team's name."],
]);

/** Explains why the keys are missing, with the code of the cause, and what to do. */
export function explain({ code, upstreamStatus, cause }: KeySetError): Trouble {
  if (code === "http_status") {
    return {
      says: `it answered HTTP ${upstreamStatus}`,
      fix: FIXES.get(upstreamStatus) ?? CODES[code].fix,
    };
  }
  const itsCode = causeCode(cause);
  const trouble = CAUSES[itsCode ?? ""] ?? CODES[code] ?? CODES.fetch_failed;
  return itsCode === undefined ? trouble : { ...trouble, says: `${trouble.says} (${itsCode})` };
}
