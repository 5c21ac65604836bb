// Makes vectors.json: decisions of an Access guard as data. Keys, random bytes and the clock are
// fixed.
// node conformance/make.js           exits with 1 unless vectors.json is, byte for byte, what it
// makes
// node conformance/make.js --write   writes it
import { readFile, writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { createTestIssuer } from "../dist/testing.js";
import { withFixedChance } from "./fixed-chance.js";

const FILE = new URL("vectors.json", import.meta.url);
/** Friday, 31 January 2025, 09:00 UTC: seconds since the epoch. */
const NOW = 1_738_314_000;
const AUDIENCE = "4714c1358e65fe4b408ad6d432a5f878f08194bdb4752441fd56faefa9b2b6f2";

/** The vectors: first those to accept, then those to refuse. */
async function makeVectors(privateJwk) {
  const issuer = await createTestIssuer({
    ...{ team: "conformance", audience: AUDIENCE, privateJwk, now: () => NOW * 1000 },
  });
  const accepted = await acceptedTokens(issuer);
  const refused = await issuer.hostileTokens({ carrier: "header" });
  return {
    about:
      "Decisions of a guard for one application behind Cloudflare Access. Verify each token with these keys, at this time, with these options, and compare. The keys are public: never trust them.",
    now: NOW,
    options: {
      issuer: issuer.issuer,
      audience: AUDIENCE,
      algorithms: ["RS256"],
      clockToleranceSeconds: 60,
      type: "app",
    },
    keys: { keys: issuer.jwks().keys },
    vectors: [...accepted, ...refused.map((one) => vector(one, "refuse"))],
  };
}

function vector({ name, token, why }, decision) {
  const sections = why.match(/(?:RFC \d+ (?:section|appendix) [\w.]+|RFC \d+)/g) ?? [];
  return { name, decision, why, rfc: [...new Set(sections)], token };
}

async function acceptedTokens(issuer) {
  const user = (claims) => issuer.userToken(claims);
  const tokens = {
    user: [user(), "A person's token as Access makes it."],
    service: [issuer.serviceToken(), "A service token's: no email, an empty sub, no nbf."],
    "service-audience-string": [
      issuer.serviceToken({ aud: AUDIENCE }),
      "Its aud is a plain string, as Access writes it for services (RFC 7519 section 4.1.3).",
    ],
    "several-audiences": [
      user({ aud: ["0".repeat(64), AUDIENCE] }),
      "One of its audiences is this application (RFC 7519 section 4.1.3).",
    ],
    "within-the-tolerance": [
      user({ iat: NOW - 7200, nbf: NOW - 7200, exp: NOW - 30 }),
      "It expired half a minute ago, and clocks disagree by as much (RFC 7519 section 4.1.4).",
    ],
    "from-a-clock-ahead": [
      user({ iat: NOW + 30, nbf: NOW + 30 }),
      "Its issuer's clock is half a minute ahead (RFC 7519 section 4.1.5).",
    ],
    "more-claims": [
      user({ custom: { groups: ["a"] }, other: 1 }),
      "It has claims that the guard does not know: they are to be ignored (RFC 7519 section 4).",
    ],
  };
  return Promise.all(
    Object.entries(tokens).map(async ([name, [token, why]]) =>
      vector({ name: `accept-${name}`, token: await token, why }, "accept"),
    ),
  );
}

/** The current file. */
export async function readVectors() {
  return JSON.parse(await readFile(FILE, "utf8"));
}

async function readKeys() {
  const read = async (name) => JSON.parse(await readFile(new URL(name, import.meta.url), "utf8"));
  return { current: await read("key.json"), ...(await read("other-keys.json")) };
}

async function main() {
  const keys = await readKeys();
  const isWriting = process.argv.includes("--write");
  const text = await readFile(FILE, "utf8");
  const before = JSON.parse(text).vectors.map(({ token }) => token);
  const made = await withFixedChance(keys, before, () => makeVectors(keys.current));
  const wanted = `${JSON.stringify(made, undefined, 1)}\n`;
  if (isWriting) await writeFile(FILE, wanted);
  const isSame = isWriting || text === wanted;
  console.log(
    `${made.vectors.length} vectors, ${isWriting ? "written" : isSame ? "as they are in the file" : "others than in the file"}`,
  );
  return isSame ? 0 : 1;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) process.exitCode = await main();
