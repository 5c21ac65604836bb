// How libraries handle unusual answers of an endpoint.
import { answers, startEndpoint } from "../endpoint.js";
import { keyOf, letsIn, verdict } from "../lab.js";

const oddEntry = (entry) => ({
  async ask({ endpoint, create, token }) {
    const key = keyOf("a");
    endpoint.answer = answers.set({ keys: [entry, key.jwk] });
    return verdict(await create(), token(key));
  },
});

export const keySets = [
  {
    title: '`{"keys":[]}` for an hour: a token with a known key, every five minutes',
    async ask({ endpoint, token, warm, pass }) {
      const verify = await warm(keyOf("a"));
      endpoint.answer = answers.set({ keys: [] });
      await letsIn(verify, token(keyOf("b")));
      const known = token(keyOf("a"));
      for (let minutes = 5; minutes <= 60; minutes += 5) {
        await pass(300);
        if (!(await letsIn(verify, known))) return `refused by ${minutes} min`;
      }
      return "accepted";
    },
  },
  {
    title: "One key has no modulus: a token with another key",
    ...oddEntry({ kty: "RSA", kid: "odd", alg: "RS256", use: "sig", e: "AQAB" }),
  },
  { title: "One key is `null`: a token with another key", ...oddEntry(null) },
  {
    title: "A key set in a response of 8 MB",
    async ask({ endpoint, create, token }) {
      const key = keyOf("a");
      endpoint.answer = answers.text(JSON.stringify({ keys: [key.jwk] }).padEnd(8 << 20));
      return (await letsIn(await create(), token(key))) ? "read" : "refused";
    },
  },
  {
    title: "The endpoint redirects to another address",
    async ask({ endpoint, create, token }) {
      const key = keyOf("a");
      const other = await startEndpoint();
      try {
        other.answer = answers.set({ keys: [key.jwk] });
        endpoint.answer = answers.elsewhere(other.certs);
        return (await letsIn(await create(), token(key))) ? "followed" : "refused";
      } finally {
        await other.close();
      }
    },
  },
  {
    title: "An `http:` address that is not loopback",
    where: { scheme: "http", host: "keys.example" },
    async ask({ library, endpoint, create, token, publish }) {
      if (library.takesNoAddress) return "takes none";
      const key = keyOf("a");
      publish(key);
      const isIn = await letsIn(async (token) => (await create())(token), token(key));
      if (isIn) return "asked, and trusted";
      return endpoint.fetches > 0 ? "asked" : "refused";
    },
  },
  {
    title: "An RSA key of 1024 bits in the set",
    async ask({ create, token, publish }) {
      const key = keyOf("short", "RS256, 1024 bits");
      publish(key);
      return verdict(await create(), token(key));
    },
  },
];
