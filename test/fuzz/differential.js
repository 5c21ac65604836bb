// Gives the same tokens to postern, jose, aws-jwt-verify and the vendor's two samples.
// node differential.js           writes the results into docs/differential.md
import { startEndpoint } from "./differential/issuer.js";
import { writeMeasured } from "./report/marks.js";

const endpoint = await startEndpoint();
// Other programs read the machine's clock, so the tokens must be valid now.
process.env.FUZZ_TEAM = endpoint.team;
process.env.FUZZ_NOW = String(Math.floor(Date.now() / 1000));
const { AUDIENCE, CERTS, current, previous, TEAM } = await import("./world/world.js");
const { createTestIssuer } = await import("../../dist/testing.js");
const { judge } = await import("./differential/rules.js");
const { corpus } = await import("./differential/corpus.js");
const { startReaders } = await import("./differential/readers.js");
const { differentialSection } = await import("./report/differential.js");

const { privateJwk } = current;
const issuer = await createTestIssuer({ team: TEAM, audience: AUDIENCE, privateJwk });
const jwks = { keys: [...issuer.jwks().keys, previous.jwk] };
endpoint.publish(jwks);
const { readers, stop } = await startReaders({
  ...{ issuer: TEAM, audience: AUDIENCE, certs: CERTS, jwks },
});

const classes = [];
let failed = 0;
try {
  for (const { name, tokens } of await corpus(issuer)) {
    const verdicts = [];
    for (const token of tokens) {
      const accepted = [];
      for (const reader of readers) accepted.push(await reader.accepts(token));
      verdicts.push({ ...judge(token), accepted });
    }
    classes.push({ name, verdicts });
    const wrong = verdicts.filter(({ broken, accepted: [ours] }) => ours !== (broken.length === 0));
    if (wrong.length > 0) failed++;
    console.log(`${wrong.length === 0 ? "✓" : "✗"} postern follows the rules for ${name}`);
    for (const { broken } of wrong) console.log(`  ${broken.join("; ") || "no rule is broken"}`);
  }
} finally {
  await stop();
  endpoint.stop();
}

if (failed === 0) {
  await writeMeasured("differential.md", differentialSection(readers, classes));
}
console.log(`${classes.length - failed} passed, ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;
