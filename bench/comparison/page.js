// docs/comparison.md: what was measured, what is known, and where another library is the better choice.
import { readFile } from "node:fs/promises";
import { libraries } from "./libraries.js";

const names = Object.keys(libraries);
const readJson = async (path) => JSON.parse(await readFile(new URL(path, import.meta.url), "utf8"));

/** Which sections the page has, and what is said before each. */
const SECTIONS = [
  [
    "outages",
    "Outages and changed keys",
    `Only the clock of each process is simulated. postern drops a withdrawn key one request late: it refreshes in the
background, and the request that starts the refresh still uses the old set. The [fleet simulation](fleet.md) shows a
whole day; [operating](guide/operating.md) says how to shorten these times.`,
  ],
  [
    "waits",
    "How long the first request waits",
    `Real seconds. Without any keys, postern tries twice, five seconds each, and then answers 503, also when \`fetch\` ignores
its signal.`,
  ],
  ["keySets", "Unusual answers of the endpoint", ""],
  [
    "tokens",
    "Unusual tokens",
    `All have a valid signature. RFC 7519 does not require \`exp\`, but an application token of Access always has it.
[Differential testing](differential.md) compares four hundred more tokens.`,
  ],
  [
    "options",
    "A forgotten audience",
    "The audience is left out, for example by an empty environment variable. Each got a token for another application.",
  ],
  ["errors", "Errors", "How to tell a bad token (401) from missing keys (503)."],
  ["algorithms", "Other algorithms", ""],
];

/** From the documentation of each library; not measured. */
const KNOWN = [
  ["Signs tokens", "no", "yes", "no", "yes", "yes", "yes (`hono/jwt`)", "no", "no"],
  ["Encrypts (JWE)", "no", "yes", "no", "no", "no", "no", "no", "no"],
  ["Symmetric keys (HS256)", "no", "yes", "no", "yes", "yes", "`hono/jwt`", "no", "no"],
  ["Verifies synchronously", "no", "no", "yes, on Node", "yes", "yes", "no", "no", "no"],
  [
    "Runs on",
    "Node, Deno, Bun, Workers, browsers",
    "Node, Deno, Bun, Workers, browsers",
    "Node, browsers",
    "Node",
    "Node",
    "Node, Deno, Bun, Workers",
    "Node, Deno, Bun, Workers",
    "Pages",
  ],
];

const HOMES = {
  postern: "../README.md",
  jose: "https://github.com/panva/jose",
  "aws-jwt-verify": "https://github.com/awslabs/aws-jwt-verify",
  "fast-jwt + get-jwks": "https://github.com/nearform/fast-jwt",
  "jsonwebtoken + jwks-rsa": "https://github.com/auth0/node-jsonwebtoken",
  "hono jwk": "https://hono.dev/docs/middleware/builtin/jwk",
  "@hono/cloudflare-access": "https://www.npmjs.com/package/@hono/cloudflare-access",
  "Pages plugin": "https://developers.cloudflare.com/pages/functions/plugins/cloudflare-access/",
};

export const FIRST_LINES = `# Comparison

What eight libraries do with the same tokens of Cloudflare Access, keys and outages, and where another library is the
better choice. The program that measures also writes the page:

\`\`\`sh
npm run build
npm --prefix bench/comparison ci
npm --prefix bench/comparison start   # measures, and writes this page
npm --prefix bench/comparison test    # measures again, and compares
\`\`\`

Each library is set up as its documentation shows for an issuer with a key set, otherwise with its defaults. Options can
change several of these results.

## Where another library is the better choice

- **Other algorithms, signing, encryption:** [jose](https://github.com/panva/jose), on every runtime. More people have
  reviewed it than any other library here.
- **Tokens of Amazon Cognito:** [aws-jwt-verify](https://github.com/awslabs/aws-jwt-verify). It verifies most tokens
  synchronously.
- **New tokens, one after another, on Node:** [fast-jwt](https://github.com/nearform/fast-jwt)
  ([figures](performance.md)).
- **Size:** postern's \`createVerifier\` is about twice as large as the same task with jose
  ([figures](performance.md#size)).
- **A hono or Pages application with simple needs:** their own middleware.
- **Many services behind one tunnel:** cloudflared, which checks the token [before the
  origin](#two-that-are-not-measured-here).`;

const NOT_MEASURED = `## Two that are not measured here

The table is from their documentation and source.

| Property | [cloudflared](https://developers.cloudflare.com/cloudflare-one/networks/connectors/cloudflare-tunnel/configure-tunnels/cloudflared-parameters/origin-parameters/#access), \`originRequest.access\` | [Backstage's Cloudflare Access provider](https://backstage.io/docs/auth/cloudflare/provider), 0.5.0 |
| --- | --- | --- |
| Place | in the tunnel, before the origin | in Backstage's login; other plugins see Backstage's own token |
| Token checked by | go-oidc, with its remote key set | jose, with its remote key set |
| Token read from | the header only | the header, else the cookie; both names can be changed |
| Audience | \`audTag\`, one or several | \`audience\`, required |
| FedRAMP teams | \`environment: fed\` | no: the address is made from the team's name |
| Services | accepted like people | only those in \`serviceTokens\` |
| Groups | no | from get-identity, cached |
| Passed to the application | the token, to be checked again where it matters | a Backstage identity |
| Your own condition | no | a sign-in resolver |

You can use both together with postern: the tunnel refuses early, and the application knows the user.`;

export async function page(found) {
  const { sections } = await import("./rows/sections.js");
  const lock = await readJson("package-lock.json");
  const parts = [FIRST_LINES, "## At a glance", await knownTable(lock)];
  for (const [section, title, words] of SECTIONS) {
    parts.push(`## ${title}`, ...(words === "" ? [] : [words]));
    const rows = sections[section].map((row, at) => [
      row.title,
      ...names.map((name) => found[name][section][at]),
    ]);
    parts.push(table(["Case", ...names], rows));
  }
  parts.push(NOT_MEASURED);
  return `${parts.join("\n\n")}\n`;
}

async function knownTable(lock) {
  const versions = [];
  const installed = [];
  for (const name of names) {
    const { packages } = libraries[name];
    versions.push(packages.map((part) => versionIn(lock, part)).join(" + ") || (await own()));
    installed.push(installedWith(lock, packages));
  }
  const head = ["Property", ...names.map((name) => `[${name}](${HOMES[name]})`)];
  return table(head, [["Version", ...versions], ["Packages installed", ...installed], ...KNOWN]);
}

async function own() {
  return (await readJson("../../package.json")).version;
}

const versionIn = ({ packages }, name) => packages[`node_modules/${name}`].version;

/** How many packages come with these, themselves included. */
function installedWith({ packages }, wanted) {
  const seen = new Set();
  const visit = (name, from) => {
    // The nearest folder above, as Node searches.
    let at = from;
    while (packages[`${at}node_modules/${name}`] === undefined && at !== "") {
      at = at.slice(0, at.slice(0, -1).lastIndexOf("node_modules/"));
    }
    const path = `${at}node_modules/${name}`;
    if (packages[path] === undefined || seen.has(path)) return;
    seen.add(path);
    for (const next of Object.keys(packages[path].dependencies ?? {})) visit(next, `${path}/`);
  };
  for (const name of wanted) visit(name, "");
  return String(Math.max(1, seen.size));
}

function table(head, rows) {
  const lines = [head, head.map(() => "---"), ...rows];
  return lines.map((cells) => `| ${cells.join(" | ")} |`).join("\n");
}
