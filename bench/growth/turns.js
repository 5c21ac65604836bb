import { fresh } from "../speed/cases.js";
import { median } from "../statistics.js";

const ROUNDS = 15;
const WARM_UPS = 3;

const utf8 = new TextEncoder();

/** Interleaved rounds over verifiers of several sizes: [size, median of microseconds per token]. */
export async function measureTurns(verifiers) {
  const figures = verifiers.map(() => []);
  for (let round = -WARM_UPS; round < ROUNDS; round++) {
    for (let place = 0; place < verifiers.length; place++) {
      const turn = (place + round + WARM_UPS) % verifiers.length;
      const { verifier, tokens } = verifiers[turn];
      const strings = tokens.map((token) => fresh(utf8.encode(token)));
      const start = performance.now();
      for (const token of strings) await verifier.verify(token);
      const microseconds = ((performance.now() - start) * 1000) / strings.length;
      if (round >= 0) figures[turn].push(microseconds);
    }
  }
  return verifiers.map(({ count }, index) => [count, median(figures[index])]);
}
