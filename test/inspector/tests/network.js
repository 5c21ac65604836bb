import assert from "node:assert/strict";

/** What the page requests, and what the browser lets it request. */
export function network({ tokens, site, endpoint, url }) {
  const everything = () => [...site.asked(), ...endpoint.asked()];
  /** The requests of the page itself. */
  const loaded = (person) =>
    person.run(() =>
      performance
        .getEntriesByType("resource")
        .filter(({ initiatorType }) => initiatorType !== "iframe")
        .map(({ name }) => name),
    );
  const fetchFrom = async (person, path) => {
    await person.fill("team", "acme");
    await person.fill("audience", tokens.audience);
    await person.fill("token", tokens.genuine);
    await person.fill("keys", `${endpoint.origin}${path}`);
    await person.click("#fetch");
  };
  return [
    [
      "nothing is requested while a token is read and verified",
      async (person) => {
        await person.fill("team", "acme");
        await person.fill("token", tokens.genuine);
        await person.fill("keys", tokens.keys);
        await person.sees("#key", /This key signed it\./);
        assert.deepEqual(everything(), []);
        assert.deepEqual(await loaded(person), []);
        assert.equal(await person.text("#requests"), "It has sent no request.");
      },
    ],
    [
      "the browser refuses what the page tries to send, and the page shows the policy",
      async (person) => {
        assert.equal(await person.text("#policy"), "connect-src 'none'");
        await person.click("#prove");
        await person.sees("#proof", /^The browser refused it because of connect-src\.$/);
      },
    ],
    [
      "keys are fetched from the one typed address, and they verify the token",
      async (person) => {
        await fetchFrom(person, "/certs");
        await person.sees("#verdict .label", /^passed: Accepted$/);
        assert.deepEqual(endpoint.asked(), ["GET /certs"]);
        // Over HTTP the frame is the page itself again.
        assert.deepEqual(
          site.asked().filter((line) => line !== "GET /inspector"),
          [],
        );
        assert.equal(await person.text("#requests code"), `connect-src ${endpoint.origin}/certs`);
      },
    ],
    [
      "an endpoint that other pages may not read is recognised, with advice",
      async (person) => {
        await fetchFrom(person, "/closed");
        await person.sees("#keys-note", /open the address in a tab, and paste its contents here/);
        await person.sees("#requests", /The request failed\.$/);
      },
    ],
    [
      "a token is in no address, no title and no storage",
      async (person) => {
        await fetchFrom(person, "/certs");
        await person.sees("#verdict .label", /^passed: Accepted$/);
        const kept = await person.run(() => {
          const stores = ["localStorage", "sessionStorage"].map((name) => {
            try {
              return window[name].length;
            } catch {
              return 0;
            }
          });
          return { href: location.href, title: document.title, stores, history: history.length };
        });
        assert.equal(kept.href, url);
        assert.equal(kept.title, "Token inspector · postern");
        assert.deepEqual(kept.stores, [0, 0]);
      },
    ],
  ];
}
