import assert from "node:assert/strict";

/** Tokens for every verdict, against pasted keys. */
export function verdicts({ tokens }) {
  async function hold(person, token, keys = tokens.keys) {
    await person.fill("team", "acme");
    await person.fill("audience", tokens.audience);
    await person.fill("keys", keys);
    await person.fill("token", token);
  }
  const refused = (title, token, code, check, keys) => [
    title,
    async (person) => {
      await hold(person, tokens[token], keys);
      await person.sees("#verdict .label", new RegExp(`^failed: Refused${code}$`));
      assert.equal(await person.check(check), "wrong");
    },
  ];
  return [
    [
      "a genuine token is accepted, and its principal and key are named",
      async (person) => {
        await hold(person, tokens.genuine);
        await person.sees("#verdict .label", /^passed: Accepted$/);
        await person.sees("#who", /ada@example\.com/);
        await person.sees("#key", /This key signed it\./);
        await person.sees("#key pre", /^-----BEGIN PUBLIC KEY-----/);
        assert.equal(await person.run(() => document.querySelectorAll(".checks .wrong").length), 0);
      },
    ],
    [
      "a token without keys is shown, and called not verified",
      async (person) => {
        await person.fill("token", `Bearer ${tokens.genuine}`);
        await person.sees("#verdict .label", /^\S.*: Not verified$/);
        await person.sees("#claims", /ada@example\.com/);
        assert.equal(await person.check("signature"), "unknown");
      },
    ],
    refused("a forged token is refused", "forged", "signature_invalid", "signature"),
    refused("an expired token is refused", "expired", "token_expired", "expiry"),
    refused("another application's token is refused", "elsewhere", "audience_mismatch", "audience"),
    refused("the team's session is refused", "org", "\\w+", "type"),
    refused("a visitor's token from before the log-in is refused", "meta", "claim_missing", "type"),
    [
      "a visitor's token from before the log-in is explained",
      async (person) => {
        await hold(person, tokens.meta);
        await person.sees("#verdict .fix", /token of a visitor who is not logged in/);
      },
    ],
    [
      "a token older than the keys is refused",
      async (person) => {
        await hold(person, tokens.genuine, tokens.rotatedKeys);
        await person.sees("#verdict .label", /^failed: Refused\w+$/);
        assert.equal(await person.check("key"), "wrong");
      },
    ],
    [
      "text that is no token gets a verdict, and an empty field an invitation",
      async (person) => {
        await person.fill("token", "a.b.c");
        await person.sees("#verdict .label", /^failed: Unreadable/);
        await person.fill("token", "");
        await person.sees("#verdict", /^Paste a token/);
      },
    ],
  ];
}
