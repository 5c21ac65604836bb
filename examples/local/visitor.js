// The requests that a browser and an operator send to Local Access.

/** Sends the log-in form, `{ email, groups, country, custom, session }`, and returns the token in the cookie. */
export async function logIn(access, fields = {}) {
  const answer = await fetch(`${access.url}/cdn-cgi/access/login`, {
    method: "POST",
    headers: { Origin: access.url },
    body: new URLSearchParams({ email: "ada@example.com", ...fields }),
    redirect: "manual",
  });
  return tokenOf(answer);
}

/** Sends a service's request and returns the token in the cookie. `strictServiceTokens` must be off. */
export async function logInService(access) {
  return tokenOf(await fetch(access.url, { headers: credentials(access) }));
}

/** The headers that a service sends. */
export function credentials({ serviceToken: { clientId, clientSecret } }) {
  return { "CF-Access-Client-Id": clientId, "CF-Access-Client-Secret": clientSecret };
}

/** Uses a control, such as `control(access, "outage", { outage: "on" })`, and returns the new state. */
export async function control({ url, controls }, action, fields = {}) {
  const answer = await fetch(`${controls.url}/${action}`, {
    method: "POST",
    headers: { Origin: url, Accept: "application/json" },
    body: new URLSearchParams({ secret: controls.secret, ...fields }),
  });
  if (answer.status !== 200) throw new Error(`control ${action}: ${answer.status}`);
  return answer.json();
}

function tokenOf(answer) {
  const [, token] = /^CF_Authorization=([^;]+)/.exec(answer.headers.get("set-cookie") ?? "") ?? [];
  if (token === undefined) throw new Error(`no token: ${answer.status}`);
  return token;
}
