import { UsageError } from "./usage-error.ts";

/** A token as the person meant it, and what had to be taken away. */
export interface GuessedToken {
  readonly token: string;
  readonly note?: string | undefined;
}

const PARTS = String.raw`[\w-]+\.[\w-]+\.[\w-]*`;
/**
 * A compact token somewhere in other text: its header is a JSON object, so it starts like this. It is
 * only cut out where a word ends: a letter too many is for the checks to find.
 */
const EMBEDDED = new RegExp(String.raw`(?<=^|[\s'"\`=:,;([{])ey${PARTS}(?=$|[\s'"\`,;&)\]}])`, "g");
const FIELD = /^(?:cf-access-jwt-assertion|cf-access-token|authorization|cookie)\s*:\s*/i;

const SECRET = /cfast_\w|cf-access-client-secret["']?\s*[:=]/i;

/**
 * Refuses the secret of a service token, which is no token and is to be shown nowhere. New ones begin
 * with `cfast_`.
 *
 * @throws {UsageError} that does not hold it
 */
export function refuseSecret(text: string): void {
  if (!SECRET.test(text)) return;
  throw new UsageError(
    "This is the secret of a service token, which only Access may see: the token to look at is in the header Cf-Access-Jwt-Assertion at your application",
  );
}

/**
 * Finds the token in what was pasted: a header line, a cookie, a curl command, a quoted string, a text
 * broken into lines. What holds none is left as it is, for the checks to say what is wrong with it.
 *
 * @throws {UsageError} when there are several to choose from, or it is the secret of a service token
 */
export function guessToken(pasted: string): GuessedToken {
  const text = pasted.trim();
  if (/cfast_\w/i.test(text) || !text.match(EMBEDDED)) refuseSecret(text);
  const cookies = [...text.matchAll(/(?:^|[\s;'":])CF_Authorization=([^;\s'"]+)/gi)];
  if (cookies.length > 0) {
    return only(
      cookies.map(([, token = ""]) => token),
      "took the cookie CF_Authorization",
    );
  }
  if (/CF_AppSession=/.test(text)) {
    throw new UsageError("CF_AppSession is no token: the one to look for is CF_Authorization");
  }
  const bare = text.replace(FIELD, "").replace(/^bearer\s+/i, "");
  const unquoted = bare.replace(/^(["'`])(.*)\1$/s, "$2");
  // Whatever stood around it, there is no more than one word left.
  if (unquoted !== text && !/\s/.test(unquoted)) {
    return { token: unquoted, note: "left out what stood around the token" };
  }
  const found = text.match(EMBEDDED) ?? [];
  if (found.length > 0 && found[0] !== text) return only(found, "took the token out of the text");
  const joined = text.replace(/\s+/g, "");
  if (joined !== text && new RegExp(`^${PARTS}$`).test(joined)) {
    return { token: joined, note: "took the line breaks out of the token" };
  }
  return { token: text };
}

function only(tokens: readonly string[], note: string): GuessedToken {
  const different = new Set(tokens);
  const [token = ""] = different;
  if (different.size === 1) return { token, note };
  throw new UsageError(`There are ${different.size} different tokens in this: give one of them`);
}
