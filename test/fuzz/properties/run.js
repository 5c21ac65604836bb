// Runs the properties one after the other, and prints how to repeat a failure.
import fc from "fast-check";
import anyValue from "./any-value.js";
import callOptions from "./call-options.js";
import certsResponses from "./certs-responses.js";
import jwkSets from "./jwk-sets.js";
import keySetStory from "./key-set-story.js";
import requests from "./requests.js";
import signedTokens from "./signed-tokens.js";
import speltTokens from "./spelt-tokens.js";
import verifierOptions from "./verifier-options.js";

const PROPERTIES = [
  ...[anyValue, speltTokens, signedTokens, requests, callOptions, verifierOptions],
  ...[jwkSets, certsResponses, keySetStory],
];

/** @returns for each property its name, whether it holds, its cases and their outcomes */
export async function runProperties({ cases, seed, only, path }) {
  const shares = PROPERTIES.reduce((sum, { share }) => sum + share, 0);
  const results = [];
  for (const property of PROPERTIES.filter(({ name }) => name.includes(only))) {
    const numRuns = Math.ceil((cases * property.share) / shares);
    const result = await runProperty(property, { numRuns, seed, path, endOnFailure: false });
    results.push(result);
    const { isRight, name, seconds } = result;
    console.log(`${isRight ? "✓" : "✗"} ${name} (${result.cases} cases, ${seconds} s)`);
  }
  return results;
}

async function runProperty({ name, arbitrary, check, mustSee }, parameters) {
  const outcomes = new Map();
  const started = performance.now();
  const property = fc.asyncProperty(arbitrary, async (value) => {
    const word = await check(value);
    outcomes.set(word, (outcomes.get(word) ?? 0) + 1);
  });
  const details = await fc.check(property, parameters);
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  // A property that never met its own case has shown nothing.
  const unseen = mustSee.filter((word) => !outcomes.has(word));
  const isShown = unseen.length === 0 || parameters.path !== undefined;
  if (details.failed) tellHowToReplay(details, name);
  else if (!isShown) console.log(`  it never met: ${unseen.join(", ")}`);
  return {
    name,
    isRight: !details.failed && isShown,
    cases: details.numRuns,
    outcomes: Object.fromEntries([...outcomes].sort(([, one], [, other]) => other - one)),
    seconds,
  };
}

function tellHowToReplay({ seed, counterexamplePath, counterexample, errorInstance }, name) {
  console.log(`  ${errorInstance?.stack ?? errorInstance}`);
  console.log(`  met with: ${fc.stringify(counterexample)}`);
  console.log(`  see it again: npm --prefix test/fuzz test -- --only ${JSON.stringify(name)} \\`);
  console.log(`    --seed ${seed} --path ${counterexamplePath}`);
}
