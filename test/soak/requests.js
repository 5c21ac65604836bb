// The requests of visitors, and the only right answer to each.

const inHeader = (token) => ({ "cf-access-jwt-assertion": token });
const inCookies = (...tokens) => ({
  cookie: ["theme=dark", ...tokens.map((token) => `CF_Authorization=${token}`)].join("; "),
});

function pick(list) {
  return list[Math.floor(Math.random() * list.length)];
}

/** People and services, each with a genuine token that was issued now. */
export async function issueTo(issuer, people = 15, services = 5) {
  const holders = [];
  for (let n = 0; n < people; n++) {
    const email = `person-${n}@example.com`;
    holders.push({ who: email, token: await issuer.userToken({ email }) });
  }
  for (let n = 0; n < services; n++) {
    const name = `service-${n}.access`;
    holders.push({ who: name, token: await issuer.serviceToken({ common_name: name }) });
  }
  return holders;
}

/** Tokens, otherwise valid, that name keys which never existed. */
export function invent(issuer, count) {
  const { audience: aud, issuer: iss } = issuer;
  const now = Math.floor(Date.now() / 1000);
  const claims = {
    iss,
    aud,
    iat: now,
    exp: now + 3600,
    type: "app",
    sub: "1",
    email: "x@y.example",
  };
  const sign = () => issuer.sign(claims, { kid: crypto.randomUUID() });
  return Promise.all(Array.from({ length: count }, sign));
}

/** A genuine token that was sent before, and will be sent again. */
export function repeated(name, holders, weight) {
  return {
    name,
    weight,
    next() {
      const { who, token } = pick(holders);
      return { headers: inHeader(token), expected: `200 ${who}` };
    },
  };
}

/** A genuine token that was never sent before. */
export function firstTime(issuer, weight) {
  return {
    name: "genuine, first use",
    weight,
    async next() {
      const email = `visitor-${Math.floor(Math.random() * 1e9)}@example.com`;
      return { headers: inHeader(await issuer.userToken({ email })), expected: `200 ${email}` };
    },
  };
}

/** A browser's cookie, sometimes after an expired one. */
export function cookie(holders, expired, weight) {
  return {
    name: "genuine, in a cookie",
    weight,
    next() {
      const { who, token } = pick(holders);
      const tokens = Math.random() < 0.5 ? [token] : [expired, token];
      return { headers: inCookies(...tokens), expected: `200 ${who}` };
    },
  };
}

/** Tokens whose answer is a status and nothing else. */
export function refused(name, tokens, status, weight) {
  return {
    name,
    weight,
    next: () => ({ headers: inHeader(pick(tokens)), expected: String(status) }),
  };
}

/** Each of the hostile tokens. */
export function hostile(attacks, weight) {
  return {
    name: "hostile",
    weight,
    next() {
      const { name, token } = pick(attacks);
      return { headers: inHeader(token), expected: "401", what: name };
    },
  };
}

/** No token where Access puts one: none at all, or a genuine one in the wrong place. */
export function misplaced(holders, weight) {
  return {
    name: "no token, or in the wrong place",
    weight,
    next() {
      const { who, token } = pick(holders);
      const places = [
        {},
        { authorization: `Bearer ${token}` },
        { "cf-access-authenticated-user-email": who },
        { cookie: `CF_AppSession=${token}; cf_authorization=${token}` },
      ];
      return { headers: pick(places), expected: "401" };
    },
  };
}
