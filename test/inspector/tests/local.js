import assert from "node:assert/strict";
import { startLocalAccess } from "../../../dist/local.js";

/** Starts the emulator without an application. */
export async function startEmulator() {
  const access = await startLocalAccess({ target: "http://127.0.0.1:9", port: 0 });
  return { access, url: `${access.controls.url}/inspector`, close: access.close };
}

/** The page as Local Access serves it, with a token and keys of Local Access. */
export const local =
  ({ access }) =>
  () => [
    [
      "its own token is accepted with the keys that it publishes, and refused once they are gone",
      async (person) => {
        const answer = await fetch(`${access.url}/cdn-cgi/access/login`, {
          method: "POST",
          redirect: "manual",
          headers: { Origin: access.url },
          body: new URLSearchParams({ email: "ada@example.com" }),
        });
        const [cookie] = answer.headers.getSetCookie();
        // The page as a browser with this session gets it through the link.
        const [pair] = cookie.split(";");
        const page = async (query, destination) => {
          const headers = { Cookie: pair, "Sec-Fetch-Dest": destination };
          const shown = await fetch(`${access.controls.url}/inspector${query}`, { headers });
          return shown.text();
        };
        const withSession = await page("?session", "document");
        const [, json] = /<script type="application\/json" id="session">(.*?)<\/script>/.exec(
          withSession,
        );
        assert.equal(`CF_Authorization=${JSON.parse(json).token}`, pair);
        for (const [query, destination] of [
          ["", "document"],
          ["?session", "empty"],
          ["?session", "iframe"],
        ]) {
          assert.ok(
            !(await page(query, destination)).includes(pair.slice(40)),
            query + destination,
          );
        }

        await person.run((pair) => {
          // biome-ignore lint/suspicious/noDocumentCookie: as the log-in sets it
          document.cookie = `${pair}; path=/`;
        }, pair);
        await person.open(`${access.controls.url}/inspector?session`);
        await person.sees("#verdict .label", /^passed: Accepted$/);
        await person.sees("#who", /ada@example\.com/);
        await person.fill("token", "");
        assert.equal(await person.run(() => document.getElementById("keys").value), "");

        await person.fill("team", access.url);
        await person.fill("audience", access.audience);
        await person.fill("token", cookie);
        await person.click("#fetch");
        await person.sees("#verdict .label", /^passed: Accepted$/);
        await person.sees("#who", /ada@example\.com/);

        for (const _twice of [1, 2]) {
          await fetch(`${access.controls.url}/rotate`, {
            method: "POST",
            headers: { Origin: access.url },
            body: new URLSearchParams({ secret: access.controls.secret }),
          });
        }
        await person.click("#fetch");
        await person.sees("#verdict .label", /^failed: Refusedkey_not_found$/);
      },
    ],
  ];
