import { thousands } from "./numbers.js";
import { table } from "./table.js";

export function sizeSection(sizes, { whole, costs, additions }) {
  const [{ gzip: all }] = whole;
  const rest = all - costs.reduce((sum, { gzip }) => sum + gzip, 0);
  const rowsOf = (list) => list.map(({ text, gzip }) => [text, thousands(gzip)]);
  return `## Size

Bytes, bundled by esbuild for a browser: minified, and after gzip at its strongest. Frameworks and Node's own
modules are not counted. fast-jwt and jsonwebtoken need Node and do not bundle for browsers; hono/jwt has no key set.

${table(
  ["Import", "Minified", "gzip"],
  sizes.map(({ name, minified, gzip }) => [name, thousands(minified), thousands(gzip)]),
)}

### What each promise costs

Bytes of \`createVerifier\` after gzip, measured by leaving out the code for one promise at a time. Text in other
files, such as the names of options, is not counted with its promise; it is in the last row.

${table(["Bundle", "gzip"], rowsOf(whole))}

${table(
  ["Promise", "gzip"],
  [
    ...rowsOf(costs),
    ["The rest: options, routing by issuer, and putting the parts together", thousands(rest)],
  ],
)}

Not in \`createVerifier\`; when imported too, it adds:

${table(["Import", "gzip"], rowsOf(additions))}`;
}
