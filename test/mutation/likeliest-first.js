// A change is noticed by the first test that fails, and then no more tests run. vitest starts with the slowest
// file. Here the files that noticed a change before come first, and among the others the tests of the same room,
// quick ones before slow ones.
import { relative, sep } from "node:path";
import { BaseSequencer } from "vitest/node";

export class LikeliestFirst extends BaseSequencer {
  sort(files) {
    const rooms = process.env.POSTERN_TEST_ROOMS.split(",");
    const rank = ({ moduleId, project }) => {
      const path = relative(this.ctx.config.root, moduleId);
      const before = this.ctx.cache.getFileTestResults(`${project.name}:${path}`);
      const room = rooms.indexOf(path.split(sep)[1]);
      return [before?.failed ? 0 : 1, room, before?.duration ?? 0];
    };
    const ranked = files.map((file) => ({ file, rank: rank(file) }));
    return ranked.sort((one, other) => compare(one.rank, other.rank)).map(({ file }) => file);
  }
}

function compare(one, other) {
  const at = one.findIndex((value, index) => value !== other[index]);
  return at < 0 ? 0 : one[at] - other[at];
}
