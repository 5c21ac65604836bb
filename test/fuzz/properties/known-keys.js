// The team's tokens that a set of keys accepts.

import { toNumber } from "../second-reader/key-sets.js";
import { attacker, current, genuine, header, previous, seal, user } from "../world/world.js";

const text = JSON.stringify;

/** One token under each kid, with the number of its key. */
export const TOKENS = [current, previous, attacker].map((key) => ({
  kid: key.kid,
  n: toNumber(key.jwk.n),
  token: seal(text({ ...header, kid: key.kid }), text(user), key),
}));

export const WITHOUT_KID = { kid: undefined, n: toNumber(current.jwk.n), token: genuine[3] };

/** Whether one of the keys is under that kid and has verified that token. */
export function isAmong(keys, { kid, n }) {
  return keys.some(
    (key) => (kid === undefined || key.kid === kid) && key.n === n && key.e === 65537n,
  );
}
