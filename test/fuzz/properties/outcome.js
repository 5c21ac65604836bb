// The result of a verification in a word. A result that is neither a verdict nor of the two error
// families fails.
import assert from "node:assert/strict";
import { isKeySetError, isTokenError } from "../../../dist/index.js";

/** `{ word, verified }` or `{ word, error }`: "accepted", or the code of the refusal. */
export async function outcomeOf(verdict) {
  try {
    const verified = await verdict;
    assert.ok(Object.isFrozen(verified) && Object.isFrozen(verified.payload), "it is frozen");
    return { word: "accepted", verified };
  } catch (error) {
    if (!isTokenError(error) && !isKeySetError(error)) throw error;
    return { word: error.code, error };
  }
}

/** An error shows no part of a token, neither on a screen nor in a log. */
export function assertSilent(error, token) {
  const shown = `${error} ${error.stack} ${JSON.stringify(error)}`;
  for (const part of String(token).split(".")) {
    assert.ok(part.length < 24 || !shown.includes(part), "an error shows a part of the token");
  }
}
