// A child process: measures how the time of a verdict grows with the input's length, for every
// shape of input that a pattern, a loop or a parser could read again and again.
// node growth.js                           prints one line of JSON
import { createRemoteKeySet, createVerifier, readAccessToken } from "../../../dist/index.js";
import {
  AUDIENCE,
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

const LENGTHS = [2 ** 14, 2 ** 15, 2 ** 16, 2 ** 17, 2 ** 18, 2 ** 19];
const text = JSON.stringify;
const options = { audience: AUDIENCE, keys: jwks, now, maxTokenBytes: 2 ** 20 };
const verifier = createVerifier({ team: TEAM, ...options });
const bearer = createVerifier({ issuer: TEAM, ...options });
await verifier.prefetch();
await bearer.prefetch();

const [head, , tail] = genuine[0].split(".");
const member = (json) => `${text(user).slice(0, -1)},${json}}`;
/** With a payload of about that length, under a signature of another token. */
const withPayload = (payload) => `${head}.${encode(payload)}.${tail}`;
const many = (length, piece) => piece.repeat(Math.ceil(length / piece.length));
const list = (length, item) => `[${many(length, `${item},`)}${item}]`;

const verify = (token) => verifier.safeVerify(token);
const request = (name) => (value) => verifier.safeVerifyRequest({ [name]: value });
const assertion = request("cf-access-jwt-assertion");
const cookie = request("cookie");

/** The input for a length, and where it is sent. */
const SHAPES = {
  "letters without a dot": [(length) => many(length, "a"), verify],
  dots: [(length) => many(length, "."), verify],
  "a long header": [(length) => `${many(length, "a")}.e30.`, verify],
  "a long signature": [(length) => `${head}.e30.${many(length, "A")}`, verify],
  "letters beyond ASCII": [(length) => `${head}.${many(length, "é")}.${tail}`, verify],
  "white space": [(length) => `${head}.${many(length, " ")}.${tail}`, verify],
  "a long claim": [(length) => withPayload(member(`"x":"${many(length, "x")}"`)), verify],
  "a claim in escapes": [
    (length) => withPayload(member(`"x":"${many(length, "\\u0061")}"`)),
    verify,
  ],
  "a claim of many letters": [
    (length) => withPayload(member(`"x":"${many(length / 2, "é")}"`)),
    verify,
  ],
  "many claims": [
    (length) =>
      withPayload(member(Array.from({ length: length / 12 }, (_, at) => `"c${at}":0`).join())),
    verify,
  ],
  "one claim many times": [
    (length) => withPayload(member(`${many(length, '"exp":1,')}"exp":1`)),
    verify,
  ],
  "many audiences": [
    (length) => seal(text(header), member(`"aud":${list(length / 2, `"${AUDIENCE.slice(1)}"`)}`)),
    verify,
  ],
  "a list of lists": [(length) => withPayload(member(`"x":${list(length, "[[]]")}`)), verify],
  "deep lists": [
    (length) => {
      const depth = Math.min(length, 2 ** 16) / 2;
      return withPayload(member(`"x":${"[".repeat(depth)}${"]".repeat(depth)}`));
    },
    verify,
    2 ** 16,
  ],
  "a long number": [(length) => withPayload(member(`"exp":${many(length, "9")}`)), verify],
  "an accepted token": [
    (length) => seal(text(header), member(`"custom":${list(length / 2, "[0]")}`)),
    verify,
  ],
  "commas in the assertion": [(length) => many(length, ","), assertion],
  "blanks in the assertion": [(length) => many(length, " "), assertion],
  "one assertion many times": [(length) => many(length, "a.b.c,"), assertion],
  "semicolons in the cookies": [(length) => many(length, ";"), cookie],
  "blanks in the cookies": [(length) => many(length, " "), cookie],
  "equals signs in the cookies": [(length) => many(length, "="), cookie],
  "many cookies of one name": [
    (length) => Array.from({ length: length / 24 }, (_, at) => `CF_Authorization=${at}`).join(";"),
    cookie,
  ],
  "many fields": [
    (length) => Object.fromEntries(Array.from({ length: length / 8 }, (_, at) => [`x-${at}`, "y"])),
    (fields) => readAccessToken(fields),
  ],
  "blanks before a bearer token": [
    (length) => `Bearer${many(length, " ")}`,
    (authorization) => bearer.safeVerifyRequest({ authorization }),
  ],
  "blanks in Cache-Control": [(length) => many(length, ",  "), respondWith("cache-control")],
  "digits in Cache-Control": [
    (length) => `max-age=${many(length, "9")}`,
    respondWith("cache-control"),
  ],
  "words in Retry-After": [(length) => many(length, "Mon, "), respondWith("retry-after", 503)],
};

function respondWith(name, status = 200) {
  return async (value) => {
    const get = (other) => (other === name ? value : null);
    const answer = { status, headers: { get }, text: async () => text(jwks) };
    const keys = createRemoteKeySet(CERTS, { fetch: async () => answer, now });
    await keys.refresh().catch(() => {});
  };
}

/** The shortest of several medians, in ms for one: other processes only ever add time. */
async function timeOf(send, input) {
  const medians = [];
  for (let round = 0; round < 5; round++) {
    const times = [];
    for (let turn = 0; turn < 5; turn++) {
      const started = performance.now();
      let sent = 0;
      // A new string each time, as in a request.
      for (; performance.now() - started < 4; sent++) await send(input);
      times.push((performance.now() - started) / sent);
    }
    medians.push(times.sort((one, other) => one - other)[2]);
  }
  return Math.min(...medians);
}

/** The slope of the line that fits best through the logarithms (least squares). */
function slope(points) {
  const logs = points.map(([x, y]) => [Math.log(x), Math.log(y)]);
  const mean = (at) => logs.reduce((sum, point) => sum + point[at], 0) / logs.length;
  const [x, y] = [mean(0), mean(1)];
  const over = logs.reduce((sum, [a, b]) => sum + (a - x) * (b - y), 0);
  return over / logs.reduce((sum, [a]) => sum + (a - x) ** 2, 0);
}

const shapes = [];
for (const [name, [make, send, longest = 2 ** 19]] of Object.entries(SHAPES)) {
  const points = [];
  for (const length of LENGTHS.filter((length) => length <= longest)) {
    points.push([length, await timeOf(send, make(length))]);
  }
  shapes.push({ name, exponent: Number(slope(points).toFixed(2)), points });
}
console.log(text({ shapes }));
