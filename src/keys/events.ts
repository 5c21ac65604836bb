import { tell } from "../caller-mistakes.ts";
import type { KeySetErrorCode } from "../errors.ts";

/**
 * What an operator may want to count or log. Events never hold a token or a claim value; a `kid` is
 * cut to 128 characters and escaped. `url` has no userinfo, query or fragment.
 */
export type PosternEvent =
  | { type: "refresh_started"; url: string; cause: RefreshCause }
  | {
      type: "refresh_succeeded";
      url: string;
      durationSeconds: number;
      notModified: boolean;
      keys: number;
    }
  | {
      type: "refresh_failed";
      url: string;
      durationSeconds: number;
      code: KeySetErrorCode;
      upstreamStatus?: number | undefined;
      /** The code of what failed first, such as `ECONNREFUSED`, where it has one. */
      causeCode?: string | undefined;
      /** How long no refresh is tried from now. */
      retryAfterSeconds: number;
    }
  | { type: "key_added"; url: string; kid: string | undefined }
  | { type: "key_withdrawn"; url: string; kid: string | undefined }
  | { type: "key_skipped"; url?: string | undefined; kid: string | undefined; reason: string }
  | { type: "kid_parked"; url: string; kid: string | undefined }
  | {
      type: "kid_refused";
      url: string;
      kid: string | undefined;
      code: "key_not_found" | "backing_off";
    }
  | { type: "store_failed"; operation: "read" | "write"; reason: string }
  | { type: "loopback_team"; issuer: string }
  /** An audience of a team is not 64 hexadecimal digits, as every AUD tag of Access is. */
  | { type: "unusual_audience"; issuer: string };

/**
 * Why a refresh was started. `"signature"`: no key held verified a token whose claims would pass, so the
 * issuer may have replaced a key under the same kid.
 */
export type RefreshCause = "cold" | "stale" | "unknown_kid" | "signature" | "asked";

/** Takes events; what it throws is ignored. */
export type EventListener = (event: PosternEvent) => void;

/** A listener whose exceptions never reach a verification, nor end the process when it is async. */
export function quietly(listener: EventListener | undefined): EventListener {
  return listener === undefined ? () => {} : (event) => tell(() => listener(event));
}
