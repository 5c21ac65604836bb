// Runs a file of an example as a separate process, unchanged or without a line.
import { copyExample, replaceIn, startApp } from "../../lib/app.js";

let copies = 0;

/**
 * @param file such as `express/socket-io.js`
 * @param without lines of the file, each with its replacement
 */
export async function startExample(file, issuer, without = []) {
  const [example, name] = file.split("/");
  const copy = `roads-${file.replace(/\W/g, "-")}-${copies++}`;
  const folder = copyExample(example, copy);
  replaceIn(folder, { [name]: without });
  return startApp({
    command: `node ${name}`,
    folder,
    env: { TEAM_DOMAIN: issuer.url, POLICY_AUD: issuer.audience },
    preload: false,
  });
}
