// docs/comparison.md: what is known, what was measured, and where another library is the better choice.
import { readFile } from "node:fs/promises";
import { libraries } from "./libraries.js";

const names = Object.keys(libraries);
const readJson = async (path) => JSON.parse(await readFile(new URL(path, import.meta.url), "utf8"));

/** Which sections the page has, and what is said before each. */
const SECTIONS = [
  [
    "outages",
    "When the endpoint fails, or the keys change",
    `The clock of each process is put forward; nothing else is simulated. A fetch for every request of an outage
neither spares the endpoint nor lets anybody in sooner. postern lets go of a withdrawn key one request later
than it could: it refreshes behind, so that nobody waits, and the request that starts the refresh still meets
the old set. [The fleet](fleet.md) shows a whole day of this,
and [operating](guide/operating.md) says how to make it shorter.`,
  ],
  [
    "waits",
    "How long a request waits",
    `Real seconds. While there are no keys at all, postern tries twice, five seconds each, before it says 503:
longer than jose and aws-jwt-verify, and bounded also when \`fetch\` is not.`,
  ],
  ["keySets", "What is made of an odd answer", ""],
  [
    "tokens",
    "What is made of a token that is not quite one",
    `The signature of each holds. RFC 7519 does not require \`exp\`, and many issuers' tokens lack it; an
application token of Access never does. [Who accepts what](differential.md) compares four hundred tokens more.`,
  ],
  [
    "options",
    "What an audience means that was forgotten",
    "An empty environment variable, say. Each library was asked with a token for another application.",
  ],
  [
    "errors",
    "What an application is told",
    "The class or the response, as far as it tells 401 from 503.",
  ],
  ["algorithms", "Other algorithms", ""],
];

/** What nothing here measures: what each library says of itself. */
const KNOWN = [
  ["signs tokens", "no", "yes", "no", "yes", "yes", "yes (`hono/jwt`)", "no", "no"],
  ["encrypts (JWE)", "no", "yes", "no", "no", "no", "no", "no", "no"],
  ["symmetric keys (HS256)", "no", "yes", "no", "yes", "yes", "`hono/jwt`", "no", "no"],
  ["verifies synchronously", "no", "no", "yes, on Node", "yes", "yes", "no", "no", "no"],
  [
    "runs on",
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

export const FIRST_LINES = `# Beside other libraries

Several good libraries can check a token of Cloudflare Access. This page says what each does with the same
keys, tokens and outages, and where another one is the better choice. It is written whole by the run that
measured it:

\`\`\`sh
npm run build
npm --prefix bench/comparison ci
npm --prefix bench/comparison start   # measures, and writes this page
npm --prefix bench/comparison test    # measures again, and compares
\`\`\`

Each library is set up as its own documentation shows it for an issuer with a key set, with its defaults
otherwise, in a process of its own against a certs endpoint on loopback. All have options, and several of
these answers change with them; a default is what most people run.

## Where another one is the better choice

- **Other algorithms, signing, encryption.** postern verifies RS256 and nothing else.
  [jose](https://github.com/panva/jose) does all of it, on every runtime, and has been read by more people
  than any other library here. If one library is to do everything, take it.
- **Tokens of Amazon Cognito.** [aws-jwt-verify](https://github.com/awslabs/aws-jwt-verify) knows them as
  postern knows those of Access, and checks most tokens without a promise.
- **The last microsecond on Node.** [fast-jwt](https://github.com/nearform/fast-jwt) verifies with Node's own
  crypto and, where asked to, remembers verdicts. [Performance](performance.md) has the figures.
- **Size.** postern's \`createVerifier\` is about twice as large as what jose needs for the same task
  ([figures](performance.md)).
- **An application in hono, or on Pages, that needs no more.** Their own middleware is there already.
- **Many services behind one tunnel.** cloudflared checks the token [before the origin is
  reached](#two-that-are-not-measured-here), in whatever language the origin is written.`;

const NOT_MEASURED = `## Two that are not measured here

They do not run in such a process. What is said of them is from their documentation and source.

| | [cloudflared](https://developers.cloudflare.com/cloudflare-one/networks/connectors/cloudflare-tunnel/configure-tunnels/cloudflared-parameters/origin-parameters/#access), \`originRequest.access\` | [Backstage's Cloudflare Access provider](https://backstage.io/docs/auth/cloudflare/provider), 0.5.0 |
| --- | --- | --- |
| where it stands | in the tunnel, before the origin | in Backstage's log-in; other plugins see Backstage's own token |
| what checks the token | go-oidc, with its remote key set | jose, with its remote key set |
| where the token is read | the header only | the header, else the cookie; both names can be changed |
| audience | \`audTag\`, one or several | \`audience\`, required |
| FedRAMP teams | \`environment: fed\` | no: the address is made from the team's name |
| services | let in as people are | only those listed in \`serviceTokens\` |
| groups | no | from get-identity, kept for as long as its cache says |
| what the application learns | the token, to be checked again where it matters | a Backstage identity |
| a condition of your own | no | a sign-in resolver |

Both can be used together with postern: the tunnel refuses early, and the application knows who asks.`;

export async function page(found) {
  const { sections } = await import("./rows/sections.js");
  const lock = await readJson("package-lock.json");
  const parts = [FIRST_LINES, "## What is known", await knownTable(lock)];
  for (const [section, title, words] of SECTIONS) {
    parts.push(`## ${title}`, ...(words === "" ? [] : [words]));
    const rows = sections[section].map((row, at) => [
      row.title,
      ...names.map((name) => found[name][section][at]),
    ]);
    parts.push(table(["", ...names], rows));
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
  const head = ["", ...names.map((name) => `[${name}](${HOMES[name]})`)];
  return table(head, [["version", ...versions], ["packages installed", ...installed], ...KNOWN]);
}

async function own() {
  return (await readJson("../../package.json")).version;
}

const versionIn = ({ packages }, name) => packages[`node_modules/${name}`].version;

/** How many packages come with these, themselves included. */
function installedWith({ packages }, wanted) {
  const seen = new Set();
  const visit = (name, from) => {
    // The nearest one that stands above (Node's own search).
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
