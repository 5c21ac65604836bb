// Draws every chart of docs/img, light and dark, from the committed results: npm --prefix bench run charts

import { writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { readResults as readSoak } from "../../test/soak/page.js";
import { readResults as readFleet } from "../fleet/results.js";
import { readResults } from "../results.js";
import { backDoorDrawing } from "./back-door.js";
import { fleetChart } from "./fleet.js";
import { growthChart } from "./growth.js";
import { PALETTES } from "./palettes.js";
import { performanceChart } from "./performance.js";
import { soakChart } from "./soak.js";

const CHARTS = {
  performance: [performanceChart, readResults],
  growth: [growthChart, readResults],
  fleet: [fleetChart, readFleet],
  soak: [soakChart, readSoak],
  "back-door": [backDoorDrawing, () => undefined],
};

export function drawAll() {
  for (const [name, [draw, read]] of Object.entries(CHARTS)) {
    for (const palette of Object.values(PALETTES)) {
      const file = new URL(`../../docs/img/${name}${palette.suffix}.svg`, import.meta.url);
      writeFileSync(file, draw(read(), palette));
    }
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) drawAll();
