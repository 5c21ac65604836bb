// A child process: searches the whole heap for parts of refused tokens.
// node --expose-gc traces.js               prints one line of JSON
import { randomBytes } from "node:crypto";
import { getHeapSnapshot } from "node:v8";
import { createRemoteKeySet, createVerifier } from "../../../dist/index.js";
import {
  AUDIENCE,
  attacker,
  CERTS,
  encode,
  genuine,
  header,
  jwks,
  now,
  seal,
  TEAM,
  user,
} from "../world/world.js";

const keys = createRemoteKeySet(CERTS, {
  fetch: async () => Response.json(jwks),
  cooldownSeconds: 0,
  now,
});
const verifier = createVerifier({ team: TEAM, audience: AUDIENCE, keys, now });
await verifier.prefetch();

// A snapshot shows the first thousand characters of a string, so the marks are at the beginning.
// They are held as bytes, which a snapshot does not contain.
const text = JSON.stringify;
const marked = (mark, object) => text({ mark: mark.toString("hex"), ...object });

/** Tokens with a mark in them, one for each place that could be kept. */
const REFUSED = {
  "an unreadable token": (mark) => mark.toString("hex"),
  "a header that is refused": (mark) => seal(marked(mark, { ...header, alg: "RS384" }), text(user)),
  "a header of a forged token": (mark) => seal(marked(mark, header), text(user), attacker),
  "an unknown kid": (mark) => seal(text({ ...header, kid: mark.toString("hex") }), text(user)),
  "a payload of a forged token": (mark) => seal(text(header), marked(mark, user), attacker),
  "a payload of an expired token": (mark) => seal(text(header), marked(mark, { ...user, exp: 1 })),
  "a token for another application": (mark) =>
    seal(text(header), marked(mark, { ...user, aud: mark.toString("hex") })),
};
const ACCEPTED = (mark) => seal(text(header), marked(mark, user));

async function meet(make, isAccepted) {
  const mark = randomBytes(16);
  for (const way of [(token) => token, (token) => `CF_Authorization=${token}`]) {
    const cookie = way(make(mark));
    const result = await (cookie.startsWith("CF_")
      ? verifier.safeVerifyRequest({ cookie })
      : verifier.safeVerify(cookie));
    if (result.ok !== isAccepted) throw new Error("it was meant to end otherwise");
  }
  return mark;
}

const marks = {};
for (const [name, make] of Object.entries(REFUSED)) marks[name] = await meet(make, false);
const held = await meet(ACCEPTED, true);
// Engines keep the last subject of a regular expression, from any caller.
await verifier.safeVerify(genuine[0]);
await verifier.safeVerifyRequest({ cookie: `CF_Authorization=${genuine[0]}` });

let heap = "";
for await (const piece of getHeapSnapshot()) heap += piece;

/**
 * As it is in a claim, and in each of the three ways in which base64url can spell it in a token.
 */
function placesOf(mark) {
  const plain = mark.toString("hex");
  const spelt = ["", "x", "xx"].map((before) => {
    const shared = Math.ceil((before.length * 8) / 6);
    return encode(before + plain).slice(shared, -2);
  });
  return { inClaims: heap.includes(plain), inTokens: spelt.some((text) => heap.includes(text)) };
}

const found = Object.keys(marks).filter((name) => {
  const { inClaims, inTokens } = placesOf(marks[name]);
  return inClaims || inTokens;
});
const { inClaims, inTokens } = placesOf(held);
console.log(text({ kinds: Object.keys(marks), found, seesWhatIsHeld: inClaims && inTokens }));
