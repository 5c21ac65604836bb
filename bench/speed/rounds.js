// Interleaved rounds: in each one everyone takes a turn at every case, from another place in the
// line each time and in turn forwards and backwards, so that no one has the better neighbour.

/** @returns for each case and contestant the figures of all rounds, warm-up left out */
export async function measureRounds(cases, contestants, { rounds, warmUps, prepare }) {
  const figures = {};
  for (let round = -warmUps; round < rounds; round++) {
    for (const [id, { run, needs = "create" }] of Object.entries(cases)) {
      const line = contestants.filter(({ loaded }) => loaded[needs] !== undefined);
      for (const contestant of turn(line, round + warmUps)) {
        const setting = await prepare(contestant, round + warmUps);
        const microseconds = await run(setting.contestant, setting.input);
        if (round < 0) continue;
        figures[id] ??= {};
        figures[id][contestant.name] ??= [];
        figures[id][contestant.name].push(microseconds);
      }
    }
  }
  return figures;
}

function turn(line, round) {
  const from = round % line.length;
  const rotated = [...line.slice(from), ...line.slice(0, from)];
  return round % 2 === 0 ? rotated : rotated.reverse();
}
