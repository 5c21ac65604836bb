// The results of a long run, as the section of docs/fuzzing.md.
import { createRequire } from "node:module";
import { differences } from "../properties/agreement.js";
import { table, writeMeasured } from "./marks.js";

/** The number of outcomes per property, the most frequent ones, and of steepest inputs. */
const SHOWN = 4;
const STEEPEST = 8;
const require = createRequire(import.meta.url);
const number = (value) => value.toLocaleString("en-GB");
const mebibytes = (bytes) => (bytes / 2 ** 20).toFixed(2);

/** Writes the page; only a run without a failure gets this far. */
export async function writePage({ seed, results, states }) {
  const [traces, memory, time] = states.map(({ measured }) => measured);
  const total = results.reduce((sum, { cases }) => sum + cases, 0);
  await writeMeasured(
    "fuzzing.md",
    [
      `${number(total)} cases and ${number(memory.count)} hostile tokens, without a failure: seed ${seed}, ${today()}, ${versions()}.`,
      "## Properties",
      table(["Property", "Cases", "Outcomes"], results.map(propertyRow)),
      "## Where jose and postern differ",
      `Tokens that jose's \`jwtVerify\` accepts and postern refuses, counted for every rule that they break. Each breaks at least one, and jose accepts every token that postern accepts.`,
      table(["Rule", "Cases"], differenceRows()),
      "## Memory",
      memoryText(memory),
      tracesText(traces),
      "## Time",
      `${time.length} kinds of input, from 16 KB to 512 KB. The exponent tells how time grows with length: 1 is linear, 2 is quadratic. The ${STEEPEST} steepest:`,
      table(["Input", "Exponent"], timeRows(time)),
    ].join("\n\n"),
  );
}

function propertyRow({ name, cases, outcomes }) {
  const seen = Object.entries(outcomes).map(
    ([word, count]) => `\`${word.replaceAll(" ", "\u00a0")}\` ${number(count)}`,
  );
  const more = seen.length > SHOWN ? [`${seen.length - SHOWN} others`] : [];
  const text = [...seen.slice(0, SHOWN), ...more].join(" · ");
  return [`${name[0].toUpperCase()}${name.slice(1)}`, number(cases), text];
}

function differenceRows() {
  const sorted = [...differences].sort(([, one], [, other]) => other - one);
  return sorted.map(([rule, count]) => [rule, number(count)]);
}

function memoryText({ count, before, after, outcomes }) {
  const accepted = outcomes["accepted"] ?? 0;
  const change = `${number(Math.abs(after - before))} bytes ${after < before ? "less" : "more"}`;
  return `The heap and its buffers held ${mebibytes(before)} MiB after a warm-up of 20,000 tokens, and ${mebibytes(after)} MiB after ${number(count)} more: ${change}. ${number(accepted)} of the changed tokens were genuine ones again and were accepted. Afterwards every genuine token was accepted.`;
}

function tracesText({ kinds }) {
  return `A snapshot of the whole heap was searched for marks in refused tokens, in plain text and in base64url. It found none of these: ${kinds.join("; ")}. The same search finds the mark of an accepted token, which the verdict cache holds.`;
}

function timeRows(shapes) {
  const sorted = shapes.toSorted((one, other) => other.exponent - one.exponent);
  return sorted.slice(0, STEEPEST).map(({ name, exponent }) => [name, exponent.toFixed(2)]);
}

function today() {
  return new Date().toISOString().slice(0, 10);
}

function versions() {
  const of = (name) => `${name} ${require(`${name}/package.json`).version}`;
  const postern = require("../../../package.json").version;
  return `postern ${postern}, Node ${process.versions.node}, ${of("fast-check")}, ${of("jose")}`;
}
