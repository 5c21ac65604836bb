// What a long run saw, as the section of docs/fuzzing.md.
import { createRequire } from "node:module";
import { differences } from "../properties/agreement.js";
import { table, writeMeasured } from "./marks.js";

const require = createRequire(import.meta.url);
const number = (value) => value.toLocaleString("en-GB");
const mebibytes = (bytes) => (bytes / 2 ** 20).toFixed(2);

/** Writes the page; only a run in which everything held gets so far. */
export async function writePage({ seed, results, states }) {
  const [traces, memory, time] = states.map(({ measured }) => measured);
  const total = results.reduce((sum, { cases }) => sum + cases, 0);
  await writeMeasured(
    "fuzzing.md",
    [
      `${number(total)} cases and ${number(memory.count)} hostile tokens, without a failure: seed ${seed}, ${today()}, ${versions()}.`,
      "## Properties",
      ...results.map(propertyText),
      "## Where jose and postern differ",
      `Each case in which jose's \`jwtVerify\` alone accepts and postern refuses is counted here under every rule that the token breaks. There was none that breaks no rule, and none that postern accepts and jose refuses.`,
      table(["rule", "cases"], differenceRows()),
      "## Memory",
      memoryText(memory),
      tracesText(traces),
      "## Time",
      "The exponent is the slope in a plot of time over length, both logarithmic, from 16 KB to 512 KB: 1 is linear, 2 is quadratic. Below 1, fixed costs still show.",
      table(["what is sent", "exponent"], timeRows(time)),
    ].join("\n\n"),
  );
}

function propertyText({ name, cases, outcomes }) {
  const seen = Object.entries(outcomes).map(
    ([word, count]) => `\`${word.replaceAll(" ", "\u00a0")}\` ${number(count)}`,
  );
  return `**${name[0].toUpperCase()}${name.slice(1)}**: ${number(cases)} cases. ${seen.join(", ")}.`;
}

function differenceRows() {
  const sorted = [...differences].sort(([, one], [, other]) => other - one);
  return sorted.map(([rule, count]) => [rule, number(count)]);
}

function memoryText({ count, before, after, outcomes }) {
  const accepted = outcomes["accepted"] ?? 0;
  return `After a warm-up of 20,000 tokens the heap and its buffers held ${mebibytes(before)} MiB, and after ${number(count)} more, each changed at random, ${mebibytes(after)} MiB: ${number(Math.abs(after - before))} bytes ${after < before ? "less" : "more"}. ${number(accepted)} of them happened to be spelt as a genuine token and were accepted. Every genuine token was welcome afterwards.`;
}

function tracesText({ kinds }) {
  return `A snapshot of the whole heap was searched for marks that refused tokens had carried, plain and in each spelling of base64url. None was found, of ${kinds.join(", ")}. The same search finds the mark of an accepted token, which the verdict cache holds.`;
}

function timeRows(shapes) {
  const sorted = shapes.toSorted((one, other) => other.exponent - one.exponent);
  return sorted.map(({ name, exponent }) => [name, exponent.toFixed(2)]);
}

function today() {
  return new Date().toISOString().slice(0, 10);
}

function versions() {
  const of = (name) => `${name} ${require(`${name}/package.json`).version}`;
  const postern = require("../../../package.json").version;
  return `postern ${postern}, Node ${process.versions.node}, ${of("fast-check")}, ${of("jose")}`;
}
