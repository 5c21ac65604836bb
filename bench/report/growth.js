import { FLAT, judgeGrowth, LINEAR } from "../growth/verdict.js";
import { humanBytes, humanCount, microsecondsText } from "./numbers.js";
import { picture } from "./picture.js";
import { table } from "./table.js";

const COUNTED = { tokens: "tokens seen", teams: "teams in one verifier", keys: "keys in a set" };

export function growthSection(growth) {
  const rows = Object.entries(growth).flatMap(([kind, series]) =>
    series.map((each) => {
      const { growth: found, passes } = judgeGrowth(each);
      const figures = each.points
        .filter(([count]) => count >= (each.from ?? 0))
        .map(([count, value]) => `${humanCount(count)}: ${amount(value, each.unit)}`);
      return [COUNTED[kind], each.name, figures.join(" · "), passes ? found : `**${found}**`];
    }),
  );
  return `## How cost grows

${picture("growth", "Line charts with logarithmic axes: time per token and memory by tokens seen, by teams in one verifier and by keys in a set. The table below says of each line whether it is flat or linear.")}

"Flat" means that the best-fitting power of the count is below ${FLAT}, "linear" that it is below ${LINEAR}. What grows
faster than it should is bold.

${table(["Count of", "What", "Figures", "Growth"], rows)}

Up to ten thousand tokens are really signed. Beyond that the signature operation is replaced by one that says yes;
parsing, claims and caches are measured. Forged tokens are all verified. In a large set only the last key signs, the
others are random. A token without a \`kid\` is tried with every key; tokens of Access always have one.`;
}

function amount(value, unit) {
  return unit === "µs" ? `${microsecondsText(value)} µs` : humanBytes(value);
}
