// Interleaved rounds: in each one every contestant takes a turn at every case. The order starts at
// another position each time, alternately forwards and backwards, so that no contestant always
// follows the same one.

/** @returns for each case and contestant the figures of all rounds, without the warm-up */
export async function measureRounds(cases, contestants, { rounds, warmUps, prepare }) {
  const figures = {};
  for (let round = -warmUps; round < rounds; round++) {
    for (const [id, { run, needs = "loaded" }] of Object.entries(cases)) {
      const line = contestants.filter((each) => each[needs] || each.loaded[needs]);
      for (const contestant of turn(line, round + warmUps)) {
        const setting = await prepare(contestant, round + warmUps, id);
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
