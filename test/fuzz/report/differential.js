// The tokens that each verifier accepts, as the section of docs/differential.md.
import { judgementOf, TRAITS, traitOf } from "../differential/judgements.js";
import { table } from "./marks.js";

export function differentialSection(readers, classes) {
  const total = classes.reduce((sum, { verdicts }) => sum + verdicts.length, 0);
  const names = readers.map(({ name }) => name);
  return [
    `${total} tokens in ${classes.length} classes; ${readers.map(({ name, version }) => `${name} (${version})`).join(", ")}.`,
    "## Accepted tokens by class",
    'How many tokens each verifier accepts; "valid" is how many break no rule. A number in brackets counts refused tokens that are valid.',
    table(["Class", "Tokens", "Valid", ...names], classes.map(classRow)),
    "## Accepted although a rule is broken",
    "Each such token is counted for every rule that it breaks.",
    table(["Rule", ...names.slice(1), "What the standards say"], ruleRows(readers, classes)),
    "## Refused although no rule is broken",
    "Such a refusal is safe. postern refuses none of these tokens.",
    table(
      ["The token …", ...names.slice(1), "What the standards say"],
      traitRows(readers, classes),
    ),
  ].join("\n\n");
}

function classRow({ name, verdicts }) {
  const lawful = verdicts.filter(isLawful);
  const cells = verdicts[0].accepted.map((_, reader) => {
    const accepted = verdicts.filter((verdict) => verdict.accepted[reader]);
    const refused = lawful.filter((verdict) => !verdict.accepted[reader]).length;
    return refused === 0 ? accepted.length : `${accepted.length} (−${refused})`;
  });
  return [name, verdicts.length, lawful.length, ...cells];
}

function ruleRows(readers, classes) {
  const everything = classes.flatMap(({ verdicts }) => verdicts);
  const letIn = everything.filter((one) => !isLawful(one) && one.accepted.includes(true));
  const rules = [...new Set(letIn.flatMap(({ broken }) => broken))].sort();
  return rules.flatMap((rule) => {
    const breaking = letIn.filter(({ broken }) => broken.includes(rule));
    return row(readers, rule, judgementOf(rule), (at) =>
      breaking.filter(({ accepted }) => accepted[at]),
    );
  });
}

function traitRows(readers, classes) {
  const lawful = classes.flatMap(({ verdicts }) => verdicts).filter(isLawful);
  return TRAITS.flatMap((trait) =>
    row(readers, trait.name, trait.judgement, (at) =>
      lawful.filter(({ facts, accepted }) => !accepted[at] && traitOf(facts) === trait),
    ),
  );
}

/** One line of a table, unless all agree. */
function row(readers, name, judgement, differing) {
  const counts = readers.map((_, at) => differing(at).length);
  return counts.some((count) => count > 0) ? [[name, ...counts.slice(1), judgement]] : [];
}

function isLawful({ broken }) {
  return broken.length === 0;
}
