import { AUDIENCE, CERTS, TEAM } from "./issuer.js";

/** A fetch with scripted answers, the last one repeated, that records every call. */
export function scripted(...answers) {
  const calls = [];
  async function fetch(url, init) {
    const answer = answers[Math.min(calls.length, answers.length - 1)];
    calls.push({ url, init });
    return answer(init);
  }
  return { fetch, calls };
}

/** A JWK set, or any JSON value, with headers. */
export function json(value, headers = {}, status = 200) {
  return () => new Response(JSON.stringify(value), { status, headers });
}

export function status(code, headers = {}) {
  return () => new Response(null, { status: code, headers });
}

export function down() {
  return Promise.reject(new TypeError("connection refused"));
}

/** A promise and the function that fulfils it. */
export function gate() {
  let open;
  const opened = new Promise((resolve) => {
    open = resolve;
  });
  return { opened, open };
}

/** A clock that only moves on command. */
export function manualClock() {
  let time = Date.now();
  return {
    now: () => time,
    advance(seconds) {
      time += seconds * 1000;
    },
  };
}

/** A team's guard whose keys come from a script. */
export function guard({ createVerifier, createRemoteKeySet }, { fetch }, options = {}) {
  const { now, ...remote } = options;
  const keys = createRemoteKeySet(CERTS, { fetch, ...remote, ...(now && { now }) });
  const verifier = createVerifier({ team: TEAM, audience: AUDIENCE, keys, ...(now && { now }) });
  return { keys, ...verifier };
}

/** Collects the promises that a verification leaves running after its answer. */
export function background() {
  const left = [];
  return { waitUntil: (promise) => void left.push(promise), settled: () => Promise.all(left) };
}
