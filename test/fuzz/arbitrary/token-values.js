// For each member of a header and of a payload, the values on which verifiers go wrong, as JSON text.
import { AUDIENCE, attacker, current, ELSEWHERE, NOW, previous, TEAM } from "../world/world.js";

const json = (...values) => values.map((value) => JSON.stringify(value));

/** The instants at which a tolerance of 0, 60 or 300 seconds, or none, begins and ends. */
function around(instant) {
  const offsets = [0, 60, 300].flatMap((tolerance) => [tolerance, -tolerance]);
  const near = offsets.flatMap((offset) => [-1, -0.5, 0, 0.5, 1].map((step) => offset + step));
  return [...near.map((offset) => instant + offset), -instant, instant * 1000].map(String);
}

export const HEADER_VALUES = {
  alg: json("RS256", "rs256", "none", "None", "HS256", "RS384", "PS256", "RS256 ", ["RS256"]),
  kid: json(
    ...[current.kid, previous.kid, attacker.kid, current.kid.toUpperCase(), "", "*"],
    ...["__proto__", "x".repeat(5000), [current.kid]],
  ),
  typ: json(
    "JWT",
    "jwt",
    "application/jwt",
    "Application/JWT",
    "at+jwt",
    "JWS",
    "",
    "JWT ",
    "/jwt",
  ),
  cty: json("JWT", "application/jwt", "json", "text/plain", "", "application/", ["JWT"]),
  crit: json([], ["exp"], ["b64"], "b64"),
  b64: json(true, false),
  enc: json("A128GCM"),
  zip: json("DEF"),
  jwk: json(attacker.jwk, current.jwk),
  jku: json("https://attacker.example/jwks"),
  x5c: json(["AA=="]),
  x5u: json("https://attacker.example/chain"),
};

export const CLAIM_VALUES = {
  iss: json(TEAM, `${TEAM}/`, TEAM.toUpperCase(), `${TEAM}.evil.example`, "", [TEAM], "acme"),
  aud: json(
    ...[AUDIENCE, [AUDIENCE], [ELSEWHERE, AUDIENCE], ELSEWHERE, [AUDIENCE, 1], [[AUDIENCE]]],
    ...[AUDIENCE.slice(0, 32), `${AUDIENCE} ${ELSEWHERE}`, AUDIENCE.toUpperCase(), [""]],
  ),
  exp: [...around(NOW), ...json(String(NOW + 3600))],
  nbf: [...around(NOW), ...json(String(NOW - 3600))],
  iat: [...around(NOW), ...around(NOW - 600), ...json(String(NOW - 3600))],
  sub: json("7335d417", "", 7),
  jti: json("1", "", 1),
  type: json("app", "org", "meta", "APP", "", ["app"]),
  email: json("kim@acme.example", "", ["kim@acme.example"]),
  common_name: json("f4c3b2a1.access", "", 7),
  country: json("PT", 7),
  events: json({}),
  custom: [`"${"x".repeat(9000)}"`, `"${"x".repeat(11500)}"`, `"${"x".repeat(13000)}"`],
};
