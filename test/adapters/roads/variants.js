// What the roads of several frameworks have in common.
import { send, sendRaw } from "../lib/http.js";

/** Whether every variant of a road reaches the application; they must agree. */
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
  // An answer to HEAD has no body to hold it.
  if (method === "HEAD") return answer.status === 200;
  return answer.text.includes(secret);
}

/** A `Host` that a framework which joins it with the path takes for another path. */
export const MOVING_HOSTS = ["x/admin?", "x/admin#", "x\\admin?"];

/** More of what is no host, in whatever header says one. */
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

/** Throws where the public path leads to a secret for a hostile `Host`, without a token. */
export async function staysWhereItIs(port, secret) {
  for (const host of HOSTS) {
    for (const name of ["Host", "X-Forwarded-Host"]) {
      const { text } = await sendRaw(port, "/public", { [name]: host });
      if (text.includes(secret)) throw new Error(`${name}: ${host} leads to what is guarded`);
    }
  }
}
