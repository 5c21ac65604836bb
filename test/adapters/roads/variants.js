// The rows that several frameworks have in common.
import { send, sendRaw, withToken } from "../lib/http.js";

/** Whether every variant of a row reaches the application; they must agree. */
export async function everyVariant(variants, reaches) {
  const results = await Promise.all(variants.map(reaches));
  const [first] = results;
  const other = results.indexOf(!first);
  if (other >= 0) {
    throw new Error(
      `${show(variants[0])} ${said(first)}, ${show(variants[other])} ${said(!first)}`,
    );
  }
  return first;
}

const said = (isReached) => (isReached ? "reaches it" : "does not");
const show = (variant) => (typeof variant === "string" ? variant : JSON.stringify(variant));

/** Whether an answer holds a secret; a variant is a path, or `[method, path, headers, body]`. */
export async function tells(url, variant, secret, headers) {
  const [method, path, own = {}, body] = Array.isArray(variant) ? variant : ["GET", variant];
  const answer = await send(`${url}${path}`, { method, headers: { ...own, ...headers }, body });
  // An answer to HEAD has no body.
  if (method === "HEAD") return answer.status === 200;
  return answer.text.includes(secret);
}

/** A `Host` that a framework which joins it with the path reads as another path. */
export const MOVING_HOSTS = ["x/admin?", "x/admin#", "x\\admin?"];

/** More malformed hosts, in every header that names one. */
const HOSTS = [
  ...MOVING_HOSTS,
  "x/public/../admin?",
  "x/admin/?",
  "x/admin;",
  "x/%61dmin?",
  "x:80/admin?",
  "x#",
  "x?",
  "x\\",
  "user@x",
  "user@x/admin?",
  "x/public?",
  "//x/admin?",
  "/admin?",
  "/admin#",
  "[::1]/admin?",
  "x, x/admin?",
];

/** Throws when the public path with a hostile `Host` reaches a secret without a token. */
export async function staysWhereItIs(port, secret) {
  for (const host of HOSTS) {
    for (const name of ["Host", "X-Forwarded-Host"]) {
      const { text } = await sendRaw(port, "/public", { [name]: host });
      if (text.includes(secret)) throw new Error(`${name}: ${host} reaches guarded code`);
    }
  }
}

const PREFLIGHT = { origin: "https://app.example", "access-control-request-method": "PUT" };

/**
 * The rows for options that open something, at an endpoint which says in `x-access` whether there
 * is access. `start` starts it with an environment variable `OPEN` that names the option.
 */
export async function openedRoads(start, path, issuer) {
  const [optional, preflight] = await Promise.all(
    ["optional", "allowPreflight"].map((OPEN) => start({ OPEN })),
  );
  const ask = async (app, method, headers, body) => {
    const answer = await send(`${app.url}${path}`, { method, headers, body });
    return answer.headers["x-access"];
  };
  const expect = (title, said, expected) => {
    if (said !== expected) throw new Error(`${title}: x-access is ${said}`);
  };

  return {
    apps: [optional, preflight],
    roads: {
      "requests without a token, with `optional: true`": {
        async reach(headers) {
          expect("no token", await ask(optional, "GET", headers), "no");
          const bad = withToken(`${await issuer.userToken()}x`);
          expect("a bad token", await ask(optional, "GET", bad), undefined);
          const good = withToken(await issuer.userToken());
          expect("a genuine token", await ask(optional, "GET", good), "yes");
          return true;
        },
      },
      "CORS preflights, with `allowPreflight: true`": {
        async reach(headers) {
          expect("OPTIONS", await ask(preflight, "OPTIONS", {}), undefined);
          const { origin } = PREFLIGHT;
          expect("without a method", await ask(preflight, "OPTIONS", { origin }), undefined);
          expect("with a body", await ask(preflight, "OPTIONS", PREFLIGHT, "x"), undefined);
          expect("GET", await ask(preflight, "GET", PREFLIGHT), undefined);
          return (await ask(preflight, "OPTIONS", { ...PREFLIGHT, ...headers })) === "no";
        },
      },
    },
  };
}
