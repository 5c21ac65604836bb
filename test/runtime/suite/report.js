import { casesWith, insecureCases } from "./index.js";

const CASE_LIMIT_MS = 20_000;

/**
 * Runs every case of the suite against one copy of the library, and posts the results.
 * @param postern the library
 * @param surroundings `origin`, the issuer's address, `testing`, the library of that name, and
 * `vectors`
 */
export async function report(postern, surroundings) {
  // Some runtimes report a rejection before its handler had a turn, and take it back.
  const strays = new Map();
  globalThis.addEventListener?.("unhandledrejection", (event) => {
    strays.set(event.promise, String(event.reason));
  });
  globalThis.addEventListener?.("rejectionhandled", ({ promise }) => strays.delete(promise));
  const results = [];
  const cases =
    globalThis.isSecureContext === false ? insecureCases : casesWith(surroundings.vectors);
  for (const [title, run] of cases) {
    const failure = await within(() => run(postern, surroundings)).then(
      () => undefined,
      (error) => describe(error),
    );
    await new Promise((resolve) => setTimeout(resolve, 0));
    const [stray] = strays.values();
    strays.clear();
    results.push({ title, failure: failure ?? (stray && `left unhandled: ${stray}`) });
  }
  const body = JSON.stringify({ results, isConfined: isConfined() });
  await (await fetch(`${surroundings.origin}/results`, { method: "POST", body })).text();
}

/** Not every engine puts the message into the stack. */
function describe(error) {
  const [message, stack] = [String(error), String(error?.stack)];
  return stack.includes(message) ? stack : `${message}\n${stack}`;
}

async function within(run) {
  let timer;
  const late = new Promise((_, reject) => {
    timer = setTimeout(reject, CASE_LIMIT_MS, new Error(`not done in ${CASE_LIMIT_MS} ms`));
  });
  try {
    await Promise.race([run(), late]);
  } finally {
    clearTimeout(timer);
  }
}

/** Whether the runtime forbids code from strings, as a strict Content-Security-Policy does. */
function isConfined() {
  try {
    return new Function("return false")();
  } catch {
    return true;
  }
}
