// One job at a time: a world of the model, or a small world of the whole composition.
import { parentPort } from "node:worker_threads";
import { interleave } from "./composition.js";
import { explore } from "./explore.js";
import { SMALL_WORLDS } from "./small-worlds.js";
import { tell } from "./story.js";
import { WORLDS } from "./worlds.js";

parentPort.on("message", async ({ kind, index, isDeep, depth }) => {
  if (kind === "small") {
    const config = SMALL_WORLDS[index];
    const figures = await interleave(config, { most: config.most });
    const { wrong } = figures;
    const story = wrong && [...wrong.story, `=> ${wrong.what}`].join("\n");
    parentPort.postMessage({ kind, index, name: config.name, ...figures, story });
    return;
  }
  const config = WORLDS[index];
  // The deep run goes on from every fourth state only: the short one does so from every one.
  const bounds = isDeep
    ? { depth: config.deep, every: 4 }
    : { depth: depth ?? config.short, every: 1 };
  const figures = explore(config, bounds);
  const story = figures.wrong && tell(config, figures.wrong);
  parentPort.postMessage({ kind, index, name: config.name, ...figures, story });
});
parentPort.postMessage({
  worlds: WORLDS.map(({ name, short, deep }) => ({ name, short, deep })),
  small: SMALL_WORLDS.map(({ name, isDeep = false }) => ({ name, isDeep })),
});
