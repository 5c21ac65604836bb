import { HOUR } from "./issuer.js";
import { STRATEGIES } from "./run.js";

const WIDTH = 860;
const HEIGHT = 580;
const LEFT = 74;
const RIGHT = 20;
const PANEL = 180;
/** Told apart without colours too: by their dashes. */
const STYLES = {
  postern: 'stroke="#0072b2" stroke-width="3"',
  jose: 'stroke="#d55e00" stroke-width="2" stroke-dasharray="7 3"',
  "every request": 'stroke="#555555" stroke-width="2" stroke-dasharray="2 3"',
};

/** Two panels over the hours of the day: fetches, and refused genuine tokens. */
export function drawChart(results, scenario) {
  const hours = scenario.end / HOUR;
  const x = (hour) => LEFT + (hour / hours) * (WIDTH - LEFT - RIGHT);
  const top = 84;
  const below = top + PANEL + 84;

  const decades = [1, 10, 100, 1000, 10_000];
  const logarithmic = (base) => (value) =>
    base + PANEL - (Math.log10(Math.max(1, value)) / 4) * PANEL;
  const linear = (base) => (value) => base + PANEL - (value / 100) * PANEL;

  const fetches = ({ day }) => day.hours.map((hour) => hour.fetches / scenario.instances);
  const refused = ({ day }) => day.hours.map((hour) => (100 * hour.refused) / (hour.genuine || 1));

  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-labelledby="title about" font-family="system-ui, sans-serif" font-size="13" fill="#222222">
<title id="title">A day of ${scenario.instances.toLocaleString("en")} instances</title>
<desc id="about">Above, fetches of the certs per instance and hour; below, the share of genuine tokens that were refused. An outage from 10 to 12, a flood of unknown kids from 14 to 15.</desc>
<rect width="${WIDTH}" height="${HEIGHT}" fill="#ffffff"/>
${legend()}
${panel({ title: "certs fetches per instance and hour", base: top, y: logarithmic(top), ticks: decades, label: (tick) => tick.toLocaleString("en") })}
${panel({ title: "genuine tokens refused", base: below, y: linear(below), ticks: [0, 25, 50, 75, 100], label: (tick) => `${tick} %` })}
<text x="${x(hours / 2)}" y="${HEIGHT - 8}" text-anchor="middle">hour of the day</text>
${lines(fetches, logarithmic(top))}
${lines(refused, linear(below))}
</svg>
`;

  function panel({ title, base, y, ticks, label }) {
    const parts = [`<text x="${LEFT}" y="${base - 12}" font-weight="600">${title}</text>`];
    for (const { from, to } of scenario.outages) parts.push(shade(from, to, base, "#f3d9b1"));
    parts.push(shade(scenario.flood.from, scenario.flood.to, base, "#cfe3d4"));
    for (const tick of ticks) {
      parts.push(
        `<line x1="${LEFT}" x2="${WIDTH - RIGHT}" y1="${y(tick)}" y2="${y(tick)}" stroke="#dddddd"/>`,
        `<text x="${LEFT - 8}" y="${y(tick) + 4}" text-anchor="end">${label(tick)}</text>`,
      );
    }
    for (let hour = 0; hour <= hours; hour += 3) {
      parts.push(
        `<text x="${x(hour)}" y="${base + PANEL + 18}" text-anchor="middle">${hour}</text>`,
      );
    }
    const { first, every } = scenario.rotations;
    for (let at = first; at < scenario.end; at += every) {
      const left = x(at / HOUR);
      parts.push(
        `<line x1="${left}" x2="${left}" y1="${base}" y2="${base + PANEL}" stroke="#888888" stroke-dasharray="1 4"/>`,
      );
    }
    return parts.join("\n");
  }

  function shade(from, to, base, colour) {
    const left = x(from / HOUR);
    return `<rect x="${left}" y="${base}" width="${x(to / HOUR) - left}" height="${PANEL}" fill="${colour}"/>`;
  }

  /** A step an hour. */
  function lines(values, y) {
    return STRATEGIES.toReversed()
      .map((strategy) => {
        const points = values(results[strategy]).flatMap((value, hour) => {
          const height = y(value).toFixed(1);
          return [`${x(hour).toFixed(1)},${height}`, `${x(hour + 1).toFixed(1)},${height}`];
        });
        return `<polyline points="${points.join(" ")}" fill="none" ${STYLES[strategy]}/>`;
      })
      .join("\n");
  }

  function legend() {
    const marks = [
      ...STRATEGIES.map((name) => ({ name, mark: `<line x2="30" ${STYLES[name]}/>` })),
      { name: "outage", mark: '<rect y="-7" width="30" height="14" fill="#f3d9b1"/>' },
      { name: "flood", mark: '<rect y="-7" width="30" height="14" fill="#cfe3d4"/>' },
      {
        name: "rotation",
        mark: '<line x1="15" x2="15" y1="-8" y2="8" stroke="#888888" stroke-dasharray="1 4"/>',
      },
    ];
    let right = LEFT;
    return marks
      .map(({ name, mark }) => {
        const left = right;
        right += 68 + 8 * name.length;
        return `<g transform="translate(${left} 26)">${mark}<text x="38" y="4">${name}</text></g>`;
      })
      .join("\n");
  }
}
