/** Fields that tell an application who the caller is. */
export const IDENTITY_NAMES = [
  "X-Auth-Request-User",
  "X-Auth-Request-Email",
  "X-Auth-Request-Name",
  "X-Auth-Request-Kind",
  "X-Auth-Request-Groups",
  "X-Auth-Request-Access-Token",
  "X-Forwarded-User",
  "X-Forwarded-Email",
  "X-Forwarded-Groups",
  "X-Forwarded-Preferred-Username",
  "Remote-User",
  "Remote-Name",
  "Remote-Email",
  "Remote-Groups",
  "Cf-Access-Authenticated-User-Email",
  "X-Webauth-User",
];

/** One of the spellings that some application takes for the name. */
export function spell(random, name) {
  return random.pick([
    (text) => text,
    (text) => text.toLowerCase(),
    (text) => text.toUpperCase(),
    (text) => text.replaceAll("-", "_"),
    (text) => text.replace("-", "_"),
    (text) => text.replaceAll("-", "."),
    (text) =>
      [...text].map((letter) => (random.chance(0.5) ? letter.toUpperCase() : letter)).join(""),
    (text) =>
      [...text].map((letter) => (letter === "-" ? random.pick("-_.~!'*^|`") : letter)).join(""),
  ])(name);
}

/** A token where Access puts it. A forged one also where it does not count, or not at all. */
export function tokenFields(random, token, isForged = false) {
  const shapes = [
    [["Cf-Access-Jwt-Assertion", token]],
    [["cf-access-jwt-assertion", token]],
    [["CF-ACCESS-JWT-ASSERTION", token]],
    [
      ["Cf-Access-Jwt-Assertion", token],
      ["cf-access-jwt-assertion", token],
    ],
    [["Cookie", `CF_Authorization=${token}`]],
    [["Cookie", `a=b; CF_Authorization=${token}; c=d`]],
    [
      ["Cookie", "a=b"],
      ["Cookie", `CF_Authorization=${token}`],
    ],
  ];
  if (isForged) {
    shapes.push(
      [],
      [],
      [["Cookie", `cf_authorization=${token}`]],
      [
        ["Cf-Access-Jwt-Assertion", ""],
        ["Cookie", `CF_Authorization=${token}`],
      ],
      [["Cf-Access-Token", token]],
    );
  }
  return random.pick(shapes);
}
