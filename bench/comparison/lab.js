// What one row needs to test one library: an endpoint, keys, a verifier, and short answers.
import { putForward } from "./clock.js";
import { answers, startEndpoint } from "./endpoint.js";
import { makeKey, makeToken } from "./issuer.js";
import { defaults } from "./libraries.js";

const keys = new Map();

export async function openLab(library, where) {
  const endpoint = await startEndpoint(where);
  const issuer = library.issuerOf?.(endpoint.origin) ?? endpoint.origin;
  const create = (options = {}) =>
    library.create({ issuer, certs: endpoint.certs, ...defaults, ...options });
  const token = (key, changes) => makeToken(key, issuer, changes);
  const publish = (...published) => {
    endpoint.answer = answers.set({ keys: published.map(({ jwk }) => jwk) });
  };

  /** A verifier that has just accepted a token, and so has its keys. */
  async function warm(key, options) {
    publish(key);
    const verify = await create(options);
    await verify(token(key));
    return verify;
  }

  /** Time passes, once everything in the background has finished. */
  async function pass(seconds) {
    await endpoint.quiet();
    putForward(seconds);
  }
  return { library, endpoint, create, token, publish, warm, pass };
}

/** The same key at every call, because making one takes long. */
export function keyOf(name, kind) {
  if (!keys.has(name)) keys.set(name, makeKey(kind));
  return keys.get(name);
}

export const letsIn = (verify, token) =>
  Promise.resolve()
    .then(() => verify(token))
    .then(
      () => true,
      () => false,
    );

export const verdict = async (verify, token) =>
  (await letsIn(verify, token)) ? "accepted" : "refused";

/** The kind of an error, as the library gives it. */
export async function refusalOf(verify, token) {
  try {
    await verify(token);
    return "none";
  } catch (error) {
    if (error.shown) return error.shown;
    const name = `\`${error.constructor.name === "Error" ? error.name : error.constructor.name}\``;
    return error.status ? `${name}, \`status\` ${error.status}` : name;
  }
}
