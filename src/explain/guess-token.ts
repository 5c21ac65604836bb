import { UsageError } from "./usage-error.ts";

/** The token that the person meant, and a note on what was changed in the input. */
export interface GuessedToken {
  readonly token: string;
  readonly note?: string | undefined;
}

const PARTS = String.raw`[\w-]+\.[\w-]+\.[\w-]*`;
/**
 * Finds a compact token in other text. Its header is a JSON object, so it starts with "ey". It must be a
 * whole word, so that the checks still find an extra letter.
 */
const EMBEDDED = new RegExp(String.raw`(?<=^|[\s'"\`=:,;([{])ey${PARTS}(?=$|[\s'"\`,;&)\]}])`, "g");
const FIELD = /^(?:cf-access-jwt-assertion|cf-access-token|authorization|cookie)\s*:\s*/i;

const SECRET = /cfast_\w|cf-access-client-secret["']?\s*[:=]/i;

/**
 * Refuses the secret of a service token, which is not a token and must never be printed. New ones
 * begin with `cfast_`.
 *
 * @throws {UsageError} when the text contains a secret; the message does not quote it
 */
export function refuseSecret(text: string): void {
  if (!SECRET.test(text)) return;
  throw new UsageError(
    "This is the secret of a service token, which only Access may see: use the token that your application receives in Cf-Access-Jwt-Assertion",
  );
}

/**
 * Finds the token in pasted text: a header line, a cookie, a curl command, a quoted string, or a token
 * broken into lines. Text without a token is returned unchanged, and the checks explain what is wrong.
 *
 * @throws {UsageError} when there are several tokens, or it is the secret of a service token
 */
export function guessToken(pasted: string): GuessedToken {
  const text = pasted.trim();
  if (/cfast_\w/i.test(text) || !text.match(EMBEDDED)) refuseSecret(text);
  const cookies = [...text.matchAll(/(?:^|[\s;'":])CF_Authorization=([^;\s'"]+)/gi)];
  if (cookies.length > 0) {
    return only(
      cookies.map(([, token = ""]) => token),
      "used the cookie CF_Authorization",
    );
  }
  if (/CF_AppSession=/.test(text)) {
    throw new UsageError("CF_AppSession is not a token: use the cookie CF_Authorization");
  }
  const bare = text.replace(FIELD, "").replace(/^bearer\s+/i, "");
  const unquoted = bare.replace(/^(["'`])(.*)\1$/s, "$2");
  // The label or the quotes are gone, and one word is left.
  if (unquoted !== text && !/\s/.test(unquoted)) {
    return { token: unquoted, note: "removed the text around the token" };
  }
  const found = text.match(EMBEDDED) ?? [];
  if (found.length > 0 && found[0] !== text) return only(found, "found the token in the text");
  const joined = text.replace(/\s+/g, "");
  if (joined !== text && new RegExp(`^${PARTS}$`).test(joined)) {
    return { token: joined, note: "removed the line breaks in the token" };
  }
  return { token: text };
}

function only(tokens: readonly string[], note: string): GuessedToken {
  const different = new Set(tokens);
  const [token = ""] = different;
  if (different.size === 1) return { token, note };
  throw new UsageError(`This contains ${different.size} different tokens: give one of them`);
}
