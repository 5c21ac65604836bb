// What was measured, as the section of docs/interop.md.

const BEGIN = "<!-- measured by test/interop: begin -->";
const END = "<!-- measured by test/interop: end -->";

const TITLES = { go: "The Go middleware", python: "The Python decorator" };

/** The Markdown of everything in which a sample and postern differ. */
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
    `It agrees with postern on ${verdicts.length - differ.length} of ${verdicts.length} tokens: ${verdicts.length - hostile.length} that are good and ${hostile.length} that are not. Of the latter, ${unsigned.length} bear no signature of the issuer's over their bytes, and it stops ${stopped.length} of those.`,
    ...list(
      "It lets in, and postern does not:",
      families(differ.filter(({ isGenuine }) => !isGenuine)),
    ),
    ...list(
      "It refuses, and postern does not:",
      differ.filter(({ isGenuine }) => isGenuine).map(({ name, theirs }) => `${name} (${theirs})`),
    ),
    ...list(
      "It refuses with a server error, or without an answer:",
      crashed.map(({ name }) => name),
    ),
    `While the certs endpoint is down, it answers ${outage.theirs} to a token under a key that it has seen before; postern answers ${outage.ours}.`,
  ].join("\n\n");
}

function list(heading, lines) {
  return lines.length === 0 ? [] : [heading, lines.map((line) => `- ${line}`).join("\n")];
}

/** One line a token; one line a family where many of a kind have one reason. */
function families(tokens) {
  const byFamily = new Map();
  for (const token of tokens) {
    const [family] = token.name.split("-");
    byFamily.set(family, [...(byFamily.get(family) ?? []), token]);
  }
  return [...byFamily].flatMap(([family, members]) => {
    if (members.length < 5) return members.map(({ name, why }) => `**${name}**: ${why}`);
    const reasons = new Set(members.map(({ why }) => why.split(/(?<=\.) (?=[A-Z])/).at(-1)));
    const names = members.map(({ name }) => `\`${name.slice(family.length + 1)}\``).join(", ");
    return `**${family}-…** (${members.length} tokens: ${names}). ${[...reasons].join(" ")}`;
  });
}
