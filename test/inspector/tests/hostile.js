import assert from "node:assert/strict";

const part = (text) => Buffer.from(text).toString("base64url");

/** Tokens made to harm the person who inspects them. */
export function hostile({ tokens }) {
  return [
    [
      "markup in a claim is text",
      async (person) => {
        const markup = '<img src=x onerror="window.harmed=1"><script>window.harmed=1</script>';
        await person.fill("token", await tokens.withClaims({ email: markup, evil: markup }));
        await person.sees("#claims", /<img src=x/);
        const harm = await person.run(() => [
          window.harmed === undefined,
          document.querySelectorAll("img, #results script").length,
        ]);
        assert.deepEqual(harm, [true, 0]);
      },
    ],
    [
      "characters that reverse or hide text are shown by their numbers",
      async (person) => {
        const turned = "ada\u202Emoc.live\u2066\u0000\u001B[31m";
        await person.fill("token", await tokens.withClaims({ email: turned }));
        await person.sees("#claims", /ada/);
        const shown = await person.text("#results");
        assert.doesNotMatch(shown, /[\u202E\u2066\u0000\u001B]/);
      },
    ],
    [
      "deep nesting, endless claims and a megabyte of dots do not stop the page",
      async (person) => {
        const header = part('{"alg":"RS256","kid":"x"}');
        const deep = `${"[".repeat(5000)}${"]".repeat(5000)}`;
        const many = JSON.stringify(
          Object.fromEntries(Array.from({ length: 2000 }, (_, i) => [i, i])),
        );
        for (const token of [
          `${header}.${part(`{"a":${deep}}`)}.AAAA`,
          `${header}.${part(many)}.AAAA`,
          ".".repeat(1_000_000),
          `${header}.${part('{"__proto__":{"email":"x"},"exp":1e999,"iat":-1e308}')}.AAAA`,
        ]) {
          await person.fill("token", token);
        }
        await person.fill("token", tokens.genuine);
        await person.sees("#claims", /ada@example\.com/);
      },
    ],
    [
      "hostile key sets get a message",
      async (person) => {
        await person.fill("token", tokens.genuine);
        for (const keys of [
          '{"keys":[null,1,{"kty":"oct","k":"AAAA"}]}',
          "{",
          "-----BEGIN PUBLIC KEY-----\nAAAA",
        ]) {
          await person.fill("keys", keys);
          await person.sees("#keys-note", /\w+ .*\./);
        }
        const verdict = await person.text("#verdict .label");
        assert.doesNotMatch(verdict, /Accepted|Genuine/);
      },
    ],
    [
      "an unexpected error clears the verdict of the token before it, and says so",
      async (person) => {
        await person.fill("team", "acme");
        await person.fill("audience", tokens.audience);
        await person.fill("keys", tokens.keys);
        await person.fill("token", tokens.genuine);
        await person.sees("#verdict .label", /^passed: Accepted$/);
        await person.run(() => {
          Date.now = () => {
            throw new Error("a fault");
          };
        });
        await person.fill("token", tokens.forged);
        await person.sees("#verdict", /^This token was not checked/);
        const shown = await person.run(() =>
          ["time", "checks", "who", "claims", "header", "key"].filter(
            (id) => !document.getElementById(id).hidden,
          ),
        );
        assert.deepEqual(shown, []);
      },
    ],
    [
      "quotes around the AUD tag are named, and the token is refused",
      async (person) => {
        await person.fill("team", "acme");
        await person.fill("keys", tokens.keys);
        await person.fill("token", tokens.genuine);
        await person.fill("audience", `"${tokens.audience}"`);
        await person.sees("#verdict .label", /^failed: Refusedaudience_mismatch$/);
        await person.sees("#verdict .fix", /it contains quotes/);
      },
    ],
  ];
}
