import assert from "node:assert/strict";
import { createRemoteKeySet, createVerifier, isKeySetError } from "../../../dist/index.js";
import { arrives, respond, responses } from "../arbitrary/responses.js";
import { readKeys } from "../second-reader/key-sets.js";
import { AUDIENCE, CERTS, now, TEAM } from "../world/world.js";
import { isAmong, TOKENS } from "./known-keys.js";
import { outcomeOf } from "./outcome.js";

const MAX_BYTES = 20_000;

export default {
  name: "for any answer of the key set endpoint, only valid keys of a complete JWK set are used",
  share: 8,
  mustSee: [
    ...["usable", "fetch_failed", "http_status", "redirected", "response_too_large"],
    ...["not_json", "jwks_malformed", "no_usable_keys"],
  ],
  arbitrary: responses,
  async check(response) {
    const keys = createRemoteKeySet(CERTS, {
      fetch: async () => respond(response),
      maxBytes: MAX_BYTES,
      now,
    });
    const lawful = arrives(response, MAX_BYTES) ? readKeys(parsed(response)) : undefined;
    let word = "usable";
    try {
      await keys.refresh();
    } catch (error) {
      assert.ok(isKeySetError(error), error);
      assert.equal(error.status, 503);
      word = error.code;
    }
    assert.equal(word === "usable", (lawful ?? []).length > 0, word);
    const verifier = createVerifier({ team: TEAM, audience: AUDIENCE, keys, now });
    for (const token of TOKENS) {
      // No call waits for a second answer here.
      const verdict = await outcomeOf(
        verifier.verify(token.token, { signal: AbortSignal.abort() }),
      );
      assert.equal(verdict.word === "accepted", isAmong(lawful ?? [], token), verdict.word);
      if (word !== "usable") assert.equal(verdict.error.status, 503, "it is not the token's fault");
    }
    return word;
  },
};

function parsed({ shape, body }) {
  const text = Buffer.from(body, "latin1").toString();
  try {
    // Only a text that is decoded here loses its byte order mark (Encoding, "UTF-8 decode").
    return JSON.parse(shape === "text" ? text : text.replace(/^\ufeff/, ""));
  } catch {
    return undefined;
  }
}
