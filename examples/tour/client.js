// Functions of a client of Local Access: log in, change its state, send a request.

/** Logs in like the form of the log-in page, and returns the token. */
export async function logIn(access, email) {
  const response = await fetch(`${access.url}/cdn-cgi/access/login`, {
    method: "POST",
    headers: { Origin: access.url, "Content-Type": "application/x-www-form-urlencoded" },
    body: new URLSearchParams({ email, redirect_url: "/" }),
    redirect: "manual",
  });
  const [, token] = /CF_Authorization=([^;]+)/.exec(response.headers.get("set-cookie") ?? "") ?? [];
  if (token === undefined) throw new Error(`log-in answered ${response.status}`);
  return token;
}

/** Uses one of the emulator's controls: rotate, outage, clock. */
export async function control(access, action, fields = {}) {
  const response = await fetch(`${access.controls.url}/${action}`, {
    method: "POST",
    headers: { Origin: access.url, Accept: "application/json" },
    body: new URLSearchParams({ secret: access.controls.secret, ...fields }),
  });
  if (!response.ok) throw new Error(`control ${action} answered ${response.status}`);
}

/** Sends a GET and describes the answer in a few words. */
export async function get(url, headers) {
  const response = await fetch(url, { headers, redirect: "manual" });
  const body = (await response.text()).trim();
  if (response.status === 302) return "302 to the log-in page";
  if (response.status !== 200) return `${response.status} ${body}`;
  const { kind, email, name } = JSON.parse(body);
  return `200 ${kind} ${email ?? name}`;
}
