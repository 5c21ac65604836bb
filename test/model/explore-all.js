import { inWorkers, listJobs } from "./pool.js";

/** Explores every world, prints what comes of it, and adds it up. */
export async function exploreAll(file, { isDeep }) {
  const started = performance.now();
  const { worlds, small } = await listJobs(file);
  const jobs = [
    ...worlds.map((_, index) => ({ kind: "world", index, isDeep })),
    ...small.flatMap((world, index) => (world.isDeep && !isDeep ? [] : [{ kind: "small", index }])),
  ];
  const results = [];
  await inWorkers(file, jobs, {
    onResult(result) {
      results.push(result);
      console.log(line(result));
      return result.story === undefined;
    },
  });
  const sum = (name) => results.reduce((total, one) => total + (one[name] ?? 0), 0);
  const wrong = results.filter(({ story }) => story !== undefined);
  const figures = {
    states: sum("states"),
    transitions: sum("transitions"),
    continued: sum("continued"),
    beyond: sum("beyond"),
    depth: Math.max(...results.map(({ depth = 0 }) => depth)),
    ways: sum("ways"),
    steps: sum("steps"),
    seconds: (performance.now() - started) / 1000,
    // Of all workers, and apart from what else the machine does.
    processorSeconds: (process.cpuUsage().user + process.cpuUsage().system) / 1e6,
    violations: wrong.length,
    worlds: results.sort((a, b) => a.kind.localeCompare(b.kind) || a.index - b.index),
  };
  const n = (number) => number.toLocaleString("en-GB");
  console.log(
    `\n${n(figures.states)} states, ${n(figures.transitions)} transitions, depth ${figures.depth}; ` +
      `${n(figures.continued)} continued; ${n(figures.ways)} interleavings of the whole key set; ` +
      `${figures.seconds.toFixed(0)} seconds, ${figures.processorSeconds.toFixed(0)} of processor time`,
  );
  for (const { name, story } of wrong)
    console.log(`\nA violation, in the world "${name}":\n\n${story}`);
  console.log(`${n(wrong.length)} violations`);
  console.log(`\n${results.length - wrong.length} passed, ${wrong.length} failed`);
  return figures;
}

function line({ kind, name, states, transitions, depth, ways, steps, seconds, story }) {
  const n = (number) => number.toLocaleString("en-GB").padStart(10);
  const figures =
    kind === "small"
      ? `${n(ways)} ways,   ${n(steps)} steps          `
      : `${n(states)} states, ${n(transitions)} transitions, depth ${depth}`;
  return `${story === undefined ? "✓" : "✗"} ${name.padEnd(46)} ${figures}, ${seconds.toFixed(1)} s`;
}
