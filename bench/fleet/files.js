import { open, rename, unlink } from "node:fs/promises";
import { hold } from "./clock.js";

/** A file whose reading and writing takes no virtual time. */
const timeless = (file) => ({
  stat: () => hold(file.stat()),
  readFile: (encoding) => hold(file.readFile(encoding)),
  writeFile: (text) => hold(file.writeFile(text)),
  sync: () => hold(file.sync()),
  close: () => hold(file.close()),
});

const files = {
  open: async (...args) => timeless(await hold(open(...args))),
  rename: (from, to) => hold(rename(from, to)),
  unlink: (path) => hold(unlink(path)),
};

/** Gives the file store real files, and lets it hash, while virtual time stands still. */
export function holdFiles() {
  const builtin = process.getBuiltinModule.bind(process);
  process.getBuiltinModule = (name) => (name === "node:fs/promises" ? files : builtin(name));
  const digest = crypto.subtle.digest.bind(crypto.subtle);
  crypto.subtle.digest = (...args) => hold(digest(...args));
}
