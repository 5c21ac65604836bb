import { execFileSync } from "node:child_process";
import { copyFileSync, mkdirSync, realpathSync } from "node:fs";
import { dirname, join } from "node:path";

/** Copies a program's libraries below a folder, where the loader looks for them. */
export function copyLibraries(program, root) {
  const text = execFileSync("ldd", [program], { encoding: "utf8" });
  const paths = [...text.matchAll(/(?:^|\s)(\/\S+)/g)].map(([, path]) => path);
  if (paths.length === 0) throw new Error(`${program} names no library`);
  for (const path of paths) {
    mkdirSync(join(root, dirname(path)), { recursive: true });
    copyFileSync(realpathSync(path), join(root, path));
  }
}
