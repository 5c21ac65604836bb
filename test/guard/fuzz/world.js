import { fork } from "node:child_process";
import { once } from "node:events";
import { createTestIssuer } from "../../../dist/testing.js";
import { startTarget } from "./target.js";

const WIKI = "4714c1358e65fe4b408ad6d432a5f878f08194bdb4752441fd56faefa9b2b6f2";
const SHOP = "32eafc7626e737824a20b8d8ca2b17cbcf3c1d36b7d55ab4a5f8e9a2eecc3b1f";

/** Guards in front of recording targets, people with genuine tokens, and forgeries. */
export async function openWorld({ onArrival, onFault }) {
  const issuer = await createTestIssuer({ team: "acme", audience: WIKI });
  const people = [];
  for (const [index, audience] of [WIKI, WIKI, WIKI, SHOP, SHOP].entries()) {
    const sub = `u${index}`;
    const token = await issuer.userToken({ sub, email: `${sub}@example.com`, aud: [audience] });
    people.push({ index, sub, audience, token });
  }
  const stranger = await createTestIssuer({ team: "acme", audience: WIKI });
  const forged = [
    "garbage",
    await stranger.userToken({ sub: "u0", email: "u0@example.com" }),
    ...(await issuer.hostileTokens()).map(({ token }) => token),
  ].filter((token) => /^[\x21-\x7e]{1,8000}$/.test(token));

  const targetOf = (variant) =>
    startTarget({
      onRequest: (request) => onArrival(variant, request),
      onFault,
    });
  // One for each way in which a guard can be set up.
  const plain = { audience: WIKI, host: "a.example" };
  const stripping = { audience: WIKI, host: "a.example", stripsToken: true };
  const open = { audience: WIKI, host: "a.example", mayBePublic: isPublic };
  const wiki = { audience: WIKI, host: "wiki.example" };
  const shop = { audience: SHOP, host: "shop.example" };
  const variants = [plain, stripping, open, wiki, shop];
  for (const variant of variants) {
    variant.target = await targetOf(variant);
    variant.welcome = people.filter(({ audience }) => audience === variant.audience);
    const others = people.filter(({ audience }) => audience !== variant.audience);
    variant.forged = [...forged, ...others.map(({ token }) => token)];
  }
  const url = ({ target }) => `http://127.0.0.1:${target.port}`;
  const headers = { "X-Webauth-User": "email" };
  const app = (variant) => ({ audience: variant.audience, target: url(variant), headers });
  const child = fork(new URL("guards.js", import.meta.url), {
    stdio: ["ignore", "inherit", "inherit", "ipc"],
  });
  child.send({
    team: "acme",
    jwks: JSON.stringify(issuer.jwks()),
    secrets: people.map(({ token }) => token.split(".")[2]),
    variants: [
      app(plain),
      { ...app(stripping), stripToken: true },
      { ...app(open), publicPaths: ["/open/page"] },
      {
        apps: Object.fromEntries(
          [wiki, shop].map((one) => [one.host.split(".")[0], { ...app(one), hosts: [one.host] }]),
        ),
      },
    ],
  });
  const [{ ports }] = await once(child, "message", { signal: AbortSignal.timeout(20_000) });
  for (const [at, variant] of variants.entries()) variant.port = ports[Math.min(at, 3)];
  return {
    ...{ variants, people, child },
    async ask(what) {
      child.send(what);
      const [answer] = await once(child, "message", { signal: AbortSignal.timeout(20_000) });
      return answer;
    },
    async close() {
      child.send("end");
      await once(child, "exit", { signal: AbortSignal.timeout(20_000) });
    },
    stopTargets() {
      for (const { target } of variants) target.stop();
    },
  };
}

/** As the guard's own `publicPaths`; a public request has no user. */
function isPublic(path, user) {
  return user === "" && path.startsWith("/open/");
}
