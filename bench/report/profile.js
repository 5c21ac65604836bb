import { table } from "./table.js";

const TITLES = {
  atOnce: "new, 64 at once",
  forged: "forged, 64 at once",
  request: "repeated Node request",
};

/** What is not a function of postern's. */
const OTHERS = ["the engine", "Node", "garbage collection"];
const LEAST = 0.015;

/** Where the main thread's time goes: what limits the figures above. */
export function profileSection(profile, { title }) {
  const cases = Object.keys(TITLES);
  const places = [...new Set(cases.flatMap((name) => Object.keys(profile[name])))];
  const most = (place) => Math.max(...cases.map((name) => profile[name][place] ?? 0));
  const shown = places.filter((place) => !OTHERS.includes(place) && most(place) >= LEAST);
  shown.sort((one, other) => most(other) - most(one));
  const percent = (share) => `${(share * 100).toFixed(1)} %`;
  const row = (name, share) => [name, ...cases.map((about) => percent(share(profile[about])))];
  const rest = (shares) =>
    1 - [...OTHERS, ...shown].reduce((sum, place) => sum + (shares[place] ?? 0), 0);
  return `## Where the time goes

Share of the main thread's time on ${title}, by V8's profiler. "Node" is the JavaScript of its WebCrypto. "The engine" is
native code: promises, \`atob\`, \`encodeInto\`, handing the operation to another thread and taking its answer back, and
for a refused token the stack of its error. Garbage collection includes that of the benchmark's own tokens and requests.

${table(
  ["Function", ...cases.map((name) => TITLES[name])],
  [
    ...OTHERS.map((place) => row(place[0].toUpperCase() + place.slice(1), (of) => of[place] ?? 0)),
    ...shown.map((place) => row(`\`${place}\``, (of) => of[place] ?? 0)),
    row("Other functions", rest),
  ],
)}

Most of the first three rows is outside postern. A repeated request spends its time on the headers: \`search\` reads
all names, because a plain object may spell them in any case, and two fields of one name must not pass for one.`;
}
