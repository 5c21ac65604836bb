// The results, as the section of docs/interop.md.

const BEGIN = "<!-- measured by test/interop: begin -->";
const END = "<!-- measured by test/interop: end -->";

const TITLES = { go: "The Go middleware", python: "The Python decorator" };

/** The Markdown of every difference between a sample and postern. */
export function measuredSection(measured) {
  return Object.entries(measured)
    .map(([name, facts]) => sampleSection(TITLES[name], facts))
    .join("\n\n");
}

/** The document with the section between its marks replaced. */
export function replaceSection(text, section) {
  const from = text.indexOf(BEGIN);
  const to = text.indexOf(END);
  if (from < 0 || to < from) throw new Error("docs/interop.md has lost its marks");
  return `${text.slice(0, from)}${BEGIN}\n\n${section}\n\n${text.slice(to)}`;
}

function sampleSection(title, { verdicts, outage }) {
  const isIn = (status) => status === 200;
  const differ = verdicts.filter(({ ours, theirs }) => isIn(ours) !== isIn(theirs));
  const hostile = verdicts.filter(({ isGenuine }) => !isGenuine);
  const unsigned = hostile.filter(({ isSigned }) => !isSigned);
  const stopped = unsigned.filter(({ theirs }) => !isIn(theirs));
  const crashed = verdicts.filter(({ theirs }) => theirs >= 500 || theirs === 0);
  return [
    `## ${title}`,
    `It agrees with postern on ${verdicts.length - differ.length} of ${verdicts.length} tokens (${verdicts.length - hostile.length} genuine, ${hostile.length} hostile). Of the ${unsigned.length} that the issuer did not sign, it refuses ${stopped.length}.`,
    ...section(
      "Accepted by the sample, refused by postern:",
      familyTable(differ.filter(({ isGenuine }) => !isGenuine)),
    ),
    ...section(
      "Refused by the sample, accepted by postern:",
      list(
        differ
          .filter(({ isGenuine }) => isGenuine)
          .map(({ name, theirs }) => `${name} (${theirs})`),
      ),
    ),
    ...section(
      "Answered by the sample with a server error, or not at all:",
      list(crashed.map(({ name }) => name)),
    ),
    `While the certs endpoint is down, and the token's key was seen before, the sample answers ${outage.theirs} and postern ${outage.ours}.`,
  ].join("\n\n");
}

function section(heading, text) {
  return text === "" ? [] : [heading, text];
}

function list(lines) {
  return lines.map((line) => `- ${line}`).join("\n");
}

/**
 * One row for each family of tokens, with the rules that they break: the last sentence of each
 * reason.
 */
function familyTable(tokens) {
  const byFamily = new Map();
  for (const token of tokens) {
    const [family] = token.name.split("-");
    byFamily.set(family, [...(byFamily.get(family) ?? []), token]);
  }
  const rows = [...byFamily].map(([family, members]) => {
    const reasons = new Set(members.map(({ why }) => why.split(/(?<=\.) (?=[A-Z])/).at(-1)));
    const names = members.map(({ name }) => `\`${name.slice(family.length + 1)}\``).join(", ");
    return `| \`${family}-…\` | ${names} | ${[...reasons].join(" ")} |`;
  });
  return rows.length === 0
    ? ""
    : ["| Family | Tokens | Why postern refuses them |", "| --- | --- | --- |", ...rows].join("\n");
}
