/** A seeded generator (mulberry32), so that a run can be repeated. */
export function seeded(...seeds) {
  let state = 0;
  for (const seed of seeds) state = mix(state ^ (seed + 0x9e3779b9));
  const uniform = () => {
    state = (state + 0x6d2b79f5) | 0;
    return mix(state) / 2 ** 32;
  };
  return {
    uniform,
    /** The time to the next event of those that come at a rate. */
    exponential: (rate) => -Math.log(1 - uniform()) / rate,
    /** Of a median and a spread, as latencies are. */
    lognormal: (median, sigma) =>
      median *
      Math.exp(sigma * Math.sqrt(-2 * Math.log(1 - uniform())) * Math.cos(2 * Math.PI * uniform())),
    /** As many of any order of magnitude as of any other. */
    logUniform: (least, most) => least * (most / least) ** uniform(),
  };
}

function mix(value) {
  let t = Math.imul(value ^ (value >>> 15), value | 1);
  t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
  return (t ^ (t >>> 14)) >>> 0;
}
