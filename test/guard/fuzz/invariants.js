import { readAnswers } from "./answer-reader.js";
import { IDENTITY_NAMES } from "./fields.js";
import { caseOf } from "./ids.js";
import { echo } from "./target.js";

const fold = (name) => name.toLowerCase().replace(/[^a-z\d]/g, "-");
const IDENTITY = new Set(IDENTITY_NAMES.map(fold));
const REPEATABLE = /^(?:GET|HEAD|OPTIONS)$/;
const BREAKS_OFF = /^(?:close|reset|halfHead|half)$/;

/** What must hold for one request at a target, whatever was sent. */
export function faultOfArrival(arrival, variant, people) {
  const { fields, trailers, all, path } = arrival;
  const [user, ...more] = all("x-auth-request-user");
  if (user === undefined || more.length > 0) return "it has not exactly one user";
  const told = [...fields, ...trailers];
  const isIdentity = (name) => IDENTITY.has(fold(name)) || /^x-auth-request-/.test(fold(name));
  const evil = told.find(([name, value]) => value.includes("evil") && isIdentity(name));
  if (evil !== undefined) return `${evil[0]} is what the client said`;
  if (all("host").some((value) => value.includes("evil")))
    return "its host is the one in a trailer";
  const spelt = fields.find(
    ([name]) => IDENTITY.has(fold(name)) && fold(name) !== name.toLowerCase(),
  );
  if (spelt !== undefined) return `${spelt[0]} is another spelling`;
  if (trailers.some(([name]) => /^(?:cf-|x-forwarded-|host$)/.test(fold(name)))) {
    return "a trailer is for a head only";
  }
  if (told.some(([name, value]) => /^cookie$/i.test(name) && value.includes("evil"))) {
    return "a forged cookie arrived";
  }
  const who = people.find(({ sub, audience }) => sub === user && audience === variant.audience);
  if (who === undefined)
    return variant.mayBePublic?.(path, user) ? tokenIn(told, []) : "its user is unknown";
  const others = people.filter((person) => person !== who);
  if (variant.stripsToken) return tokenIn(told, people);
  if (!told.some(([, value]) => value.includes(who.token))) return "its token is not its user's";
  return tokenIn(
    told.filter(([name]) => /assertion$/i.test(name)),
    others,
  );
}

function tokenIn(fields, people) {
  const found = fields.find(
    ([, value]) =>
      people.some(({ token }) => value.includes(token)) ||
      (people.length === 0 && /eyJ\S+\./.test(value)),
  );
  return found && `${found[0]} has a token that should not be there`;
}

/** What must hold for what one client sent, where that was not edited: it says what each request is. */
export function faultsOfCase({ requests, arrivals, received, isEdited, sent, ending }) {
  const faults = [];
  const ids = new Set(arrivals.map(({ id }) => id));
  for (const [, id] of received.toString("latin1").matchAll(/~id=(\w+)~/g)) {
    // An edit can make an id of no case.
    const isKnown = id === "poison" || caseOf(`/g/0/${id}`).id !== undefined;
    if (isKnown && !ids.has(id)) faults.push(`the client got the answer to ${id}`);
  }
  for (const { method, path } of arrivals) {
    if (!sent.includes(Buffer.from(`${method} ${path} `, "latin1"))) {
      faults.push(`${method} ${path} was never sent`);
    }
  }
  if (isEdited) return faults;
  for (const request of requests) faults.push(...faultsOfRequest(request, arrivals));
  const visible = new Set(requests.map(({ id }) => id));
  for (const { id, path } of arrivals) {
    if (!visible.has(id)) faults.push(`${path} was hidden in another request`);
  }
  return [...faults, ...faultsOfAnswers(requests, received, ending)];
}

function faultsOfRequest({ id, method, path, body, fate, mode, shape = "" }, arrivals) {
  const mine = arrivals.filter((arrival) => arrival.id === id);
  const say = (what) => [`${what}: ${shape || method} ${path}`];
  if (fate === "refused" && mine.length > 0) return say("it should be refused, and arrived");
  const mayRepeat = REPEATABLE.test(method ?? "") && BREAKS_OFF.test(mode) && body?.length === 0;
  if (mine.length > 1 && !mayRepeat) return say(`it arrived ${mine.length} times`);
  for (const arrival of mine) {
    if (shape === "" && (arrival.method !== method || arrival.path !== path)) {
      return say(`it arrived as ${arrival.method} ${arrival.path}`);
    }
    if (body && arrival.isComplete && !arrival.afterSwitch && !arrival.body.equals(body)) {
      return say("its body arrived otherwise");
    }
  }
  return [];
}

function faultsOfAnswers(requests, received, ending) {
  const { answers } = readAnswers(
    received,
    requests.map(({ method }) => method),
  );
  const isAllServed = requests.every(({ fate, isUpgrade }) => fate === "served" && !isUpgrade);
  if (answers.length > requests.length) return ["there are more answers than requests"];
  for (const [at, { status, body, values }] of answers.entries()) {
    const request = requests[at];
    const { id, fate, method, path, shape } = request;
    const said = `${shape ?? method} ${path}: ${status}`;
    // Node's own answer to what it cannot read comes at once, before those to earlier requests, and is the last.
    if (status >= 400 && values("cache-control").length === 0 && !isAllServed) return [];
    if (fate === "refused" && status < 400) return [`it should be refused: ${said}`];
    const wasAnswered = body.includes("~id=");
    if (wasAnswered && shape === undefined && !body.includes(`~id=${id}~`)) {
      return [`it got another's answer: ${said}`];
    }
    if (fate === "served" && status !== 200) return [`it should be served: ${said}`];
    if (fate === "served" && method !== "HEAD" && body !== echo(request)) {
      return [`its answer is not the target's: ${said}`];
    }
    if (values("connection").includes("close")) {
      return at < answers.length - 1 ? [`there is an answer after the last: ${said}`] : [];
    }
    if (shape !== undefined || request.isUpgrade) return [];
  }
  // To Node a client that closes its side has gone.
  const isMissing = isAllServed && ending === "wait" && answers.length < requests.length;
  return isMissing ? ["an answer is missing"] : [];
}
