// What each promise of `createVerifier` costs in bytes: the bundle without the code that keeps it, compared
// with the whole one. The code is replaced by empty functions while esbuild bundles; such a bundle is only
// measured, never run.

import { readFileSync } from "node:fs";
import { transform } from "esbuild";
import { bundledBytes, root } from "./bundle.js";

const VERIFIER = 'export { createVerifier } from "./src/index.ts";';

/** Files are replaced whole; where functions are named, only these. */
export const PROMISES = [
  {
    text: "A misspelt option is an error, with the nearest known name",
    functions: {
      "src/caller-mistakes.ts": ["readOptions", "refuseUnknown", "nearest", "distance"],
    },
  },
  {
    text: "A wrong value is an error in one sentence",
    functions: {
      "src/caller-mistakes.ts": [
        "mistake",
        "sentence",
        "refuseWrapped",
        "numberOption",
        "booleanOption",
        "functionOptions",
      ],
    },
  },
  {
    text: "The token is found in every kind of request, cookies included",
    files: ["src/access/request.ts", "src/verify/candidates.ts"],
  },
  {
    text: "Keys are fetched with a time limit, a size limit and no redirects",
    files: ["src/http/bounded-fetch.ts", "src/http/pause.ts", "src/http/secure-url.ts"],
  },
  {
    text: "Outages, rotations and floods: when keys are fetched, kept and given up",
    files: ["src/keys/refresh-policy.ts", "src/keys/lookup-policy.ts", "src/keys/held-set.ts"],
  },
  {
    text: "Repeated tokens are remembered",
    files: ["src/verify/verdict-cache.ts"],
  },
  {
    text: "Events tell what happens",
    files: ["src/keys/events.ts"],
  },
  {
    text: "Errors carry facts that are safe to log",
    functions: {
      "src/token-error.ts": ["printable", "sentence"],
      "src/key-set-error.ts": ["exchangeFacts"],
    },
  },
  {
    text: "A token has one spelling, and JSON is read without surprises",
    files: ["src/encoding/base64url.ts", "src/encoding/json.ts"],
  },
  {
    text: "Parts and header are checked before anything else",
    files: ["src/token/compact.ts", "src/token/header.ts"],
  },
  {
    text: "A call can narrow the audience, stop waiting, and keep a Worker alive",
    files: ["src/verify/call.ts"],
  },
  {
    text: "A team's name becomes its addresses",
    files: ["src/access/team.ts"],
  },
  {
    text: "Claims are checked by type and value",
    files: ["src/token/claims.ts", "src/access/principal.ts"],
  },
  {
    text: "Only right RSA keys are imported, and each key is checked again before use",
    files: ["src/keys/jwk.ts", "src/verify/signature.ts"],
  },
];

/** What comes on top where it is imported too. */
const ADDITIONS = [
  {
    text: "Key sets by OpenID Connect discovery (`discoverKeySet`)",
    source: `${VERIFIER} export { discoverKeySet } from "./src/index.ts";`,
  },
  {
    text: "Shared stores for key sets (`withStore` and `workersKv`)",
    source: `${VERIFIER} export { withStore, workersKv } from "./src/stores/index.ts";`,
  },
];

/** Nothing of what fetches is in the bundle without it. */
const STATIC = ["src/keys/remote-key-set.ts"];

/** @returns gzip bytes: of whole verifiers, of each promise, and of each addition */
export async function measurePromises() {
  const bytes = async (source, part) => (await bundledBytes(source, root, without(part))).gzip;
  const all = await bytes(VERIFIER, {});
  const costs = [];
  for (const { text, ...part } of PROMISES) {
    costs.push({ text, gzip: all - (await bytes(VERIFIER, part)) });
  }
  const additions = [];
  for (const { text, source } of ADDITIONS) {
    additions.push({ text, gzip: (await bytes(source, {})) - all });
  }
  return {
    whole: [
      { text: "`createVerifier`, everything in it", gzip: all },
      {
        text: "`createVerifier` with a static key set, fetching left out",
        gzip: await bytes(VERIFIER, { files: STATIC }),
      },
      {
        text: "`decodeUnverified`",
        gzip: await bytes('export { decodeUnverified } from "./src/index.ts";', {}),
      },
    ],
    costs: costs.sort((one, other) => other.gzip - one.gzip),
    additions,
  };
}

function without({ files = [], functions = {} }) {
  const emptied = { ...Object.fromEntries(files.map((file) => [file, undefined])), ...functions };
  const left = new Set(Object.keys(emptied));
  const plugin = {
    name: "without",
    setup(build) {
      build.onLoad({ filter: /\.ts$/ }, async ({ path }) => {
        const file = path.slice(root.length);
        if (!(file in emptied)) return undefined;
        left.delete(file);
        const { code } = await transform(readFileSync(path, "utf8"), {
          loader: "ts",
          format: "esm",
        });
        return { contents: emptied[file] ? withEmpty(code, emptied[file]) : emptyOf(code) };
      });
      build.onEnd(() => {
        // A file that was renamed would seem to cost nothing.
        if (left.size > 0) throw new Error(`not in the bundle: ${[...left].join(", ")}`);
      });
    },
  };
  return { packages: "external", plugins: [plugin] };
}

/** A module with the same exports, all of them empty. */
function emptyOf(code) {
  const names = [...code.matchAll(/^export (?:async )?(?:function|class|const|let) (\w+)/gm)];
  const listed = [...code.matchAll(/^export \{([^}]*)\}/gm)].flatMap(([, list]) =>
    list.split(",").map((each) => each.trim().split(" as ").at(-1)),
  );
  const exported = [...names.map(([, name]) => name), ...listed].filter((name) => name !== "");
  return `const empty = () => {}; export { ${exported.map((name) => `empty as ${name}`).join(", ")} };`;
}

/** The module with some of its functions empty; `readOptions` and the like give back what they are given. */
function withEmpty(code, names) {
  return names.reduce((text, name) => {
    const declaration = new RegExp(`^(export )?(?:async )?function ${name}\\(`, "m");
    const [, exported] = declaration.exec(text) ?? [];
    if (!declaration.test(text)) throw new Error(`there is no function ${name}`);
    const renamed = text.replace(declaration, `function replaced_${name}(`);
    return `${renamed}\n${exported ?? ""}function ${name}(given) { return given; }`;
  }, code);
}
