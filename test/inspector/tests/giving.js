import assert from "node:assert/strict";

/** The ways to enter tokens and keys, and to remove a key. */
export function giving({ tokens }) {
  const pasted = (what, around) => [
    `a token is found in ${what}`,
    async (person) => {
      await person.fill("team", "acme");
      await person.fill("audience", tokens.audience);
      await person.fill("keys", tokens.keys);
      await person.fill("token", around(tokens.genuine));
      await person.sees("#verdict .label", /^passed: Accepted$/);
    },
  ];
  const holdPem = async (person) => {
    await person.fill("keys", tokens.keys);
    await person.fill("token", tokens.genuine);
    await person.sees("#key pre", /^-----BEGIN PUBLIC KEY-----/);
    return person.text("#key pre");
  };
  return [
    pasted("a header line", (token) => `Cf-Access-Jwt-Assertion: ${token}`),
    pasted("a cookie", (token) => `Cookie: theme=dark; CF_Authorization=${token}; lang=en`),
    pasted("a command", (token) => `curl -H 'Cf-Access-Jwt-Assertion: ${token}' https://x.example`),
    pasted("a text that was broken into lines", (token) => token.replace(/(.{60})/g, "$1\n")),
    [
      "a file with keys is taken wherever it is dropped",
      async (person) => {
        await person.fill("token", tokens.genuine);
        await person.run((keys) => {
          const dataTransfer = new DataTransfer();
          dataTransfer.items.add(new File([keys], "certs.json", { type: "application/json" }));
          document.body.dispatchEvent(new DragEvent("drop", { bubbles: true, dataTransfer }));
        }, tokens.keys);
        await person.sees("#keys-note", /^Read as a JWK set of 2 keys\.$/);
        await person.sees("#verdict .label", /^passed: Genuine$/);
      },
    ],
    [
      "a key in PEM verifies as its JWK does",
      async (person) => {
        const pem = await holdPem(person);
        await person.fill("keys", pem);
        await person.sees("#keys-note", /^Read as a public key in PEM\.$/);
        await person.sees("#verdict .label", /^passed: Genuine$/);
      },
    ],
    [
      "the PEM can be copied, or is selected where the browser does not let it",
      async (person) => {
        const pem = await holdPem(person);
        await person.click("#key .copy button");
        await person.sees("#key .copy [role=status]", /^(Copied\.|Selected: )/);
        const said = await person.text("#key .copy [role=status]");
        const selected = await person.run(() => String(getSelection()));
        if (said.startsWith("Selected")) assert.equal(selected.trim(), pem);
      },
    ],
    [
      "another token removes the settings of an example, and keeps the user's own",
      async (person) => {
        const settings = () =>
          person.run(() =>
            ["team", "audience", "keys"].map((id) => document.getElementById(id).value),
          );
        for (const [change, kept] of [
          [tokens.genuine, ["", "", ""]],
          ["", ["", "", ""]],
        ]) {
          await person.click("[data-example=genuine]");
          await person.sees("#verdict .label", /^passed: Accepted$/);
          await person.fill("token", change);
          assert.deepEqual(await settings(), kept);
          await person.sees("#verdict", change === "" ? /^Paste/ : /Not verified/);
        }
        await person.click("[data-example=genuine]");
        await person.sees("#verdict .label", /^passed: Accepted$/);
        await person.fill("audience", tokens.audience);
        await person.fill("token", tokens.genuine);
        assert.deepEqual(await settings(), ["", tokens.audience, ""]);
      },
    ],
    [
      "the claims are there as JSON to copy, and each time also in local time",
      async (person) => {
        await person.fill("token", tokens.genuine);
        await person.sees("#claims .local", /^here: /);
        await person.click("#claims .raw summary");
        await person.sees("#claims .raw pre", /"email": "ada@example\.com"/);
        const raw = JSON.parse(await person.text("#claims .raw pre"));
        assert.equal(raw.email, "ada@example.com");
        await person.click("#claims .raw .copy button");
        await person.sees("#claims .raw [role=status]", /^(Copied\.|Selected: )/);
      },
    ],
    [
      "the code of an error leads to its entry",
      async (person) => {
        await person.click("[data-example=expired]");
        await person.sees("#verdict .label", /token_expired$/);
        const href = await person.run(() => document.querySelector("#verdict .label a").href);
        assert.match(href, /\/errors\.html#token_expired$/);
      },
    ],
    [
      "every example shows the verdict in its name",
      async (person) => {
        for (const [name, verdict] of [
          ["genuine", /^passed: Accepted$/],
          ["expired", /^failed: Refusedtoken_expired$/],
          ["audience", /^failed: Refusedaudience_mismatch$/],
          ["org", /^failed: Refused/],
          ["meta", /^failed: Refusedclaim_missing$/],
          ["forged", /^failed: Refusedsignature_invalid$/],
          ["rotated", /^failed: Refusedkey_not_found$/],
        ]) {
          await person.fill("token", "");
          await person.click(`[data-example=${name}]`);
          await person.sees("#verdict .label", verdict);
        }
      },
    ],
  ];
}
