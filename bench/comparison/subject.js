// Tests one library on every row: `node subject.js NAME` prints the answers as JSON.
import { createRequire } from "node:module";
import { install } from "./clock.js";

// One host name leads to loopback, so that an address which is not a loopback one can be tested.
const dns = createRequire(import.meta.url)("node:dns");
const { lookup } = dns;
dns.lookup = (host, ...rest) => lookup(host === "keys.example" ? "127.0.0.1" : host, ...rest);
// Jitter would make two runs differ.
Math.random = () => 0.5;
install();

const { libraries } = await import("./libraries.js");
const { openLab } = await import("./lab.js");
const { sections } = await import("./rows/sections.js");
const [, , name] = process.argv;

async function answer({ where, ask }) {
  const lab = await openLab(libraries[name], where);
  try {
    return await ask(lab);
  } finally {
    await lab.endpoint.close();
  }
}

const found = {};
for (const [section, rows] of Object.entries(sections)) {
  if (section === "waits") continue;
  found[section] = [];
  for (const row of rows) found[section].push(await answer(row));
}
found.waits = await Promise.all(sections.waits.map(answer));
process.stdout.write(JSON.stringify(found), () => process.exit(0));
