import { ADVICE, LIMITS } from "./advice.ts";
import type { KnockReport, KnockResult, Outcome, Verdict } from "./types.ts";

/** The colours of a report. Each function also makes text safe to print. */
export interface Brushes {
  plain(text: string): string;
  bold(text: string): string;
  good(text: string): string;
  bad(text: string): string;
  warn(text: string): string;
}

export const WIDTH = 100;

const MEANS: { readonly [V in Verdict]: string } = {
  shut: "none of these requests got in.",
  open: "a request that Access never saw got in.",
  unclear: "nothing got in. Some answers do not show whether the request was refused.",
  unreachable: "no request got an answer.",
};

const NO_REFUSAL =
  "send the request yourself and read the answer. A guard should answer 401 or 403 to every request that it refuses.";
const NO_ANSWER =
  "check the address and the port. If a firewall or a tunnel blocks them, callers cannot reach this address either.";

/** Writes the report as text: what was tried, what came back, what it means, and what to do. */
export function show(report: KnockReport, brushes: Brushes): string {
  const { url, verdict, knocks } = report;
  const brush = brushOf(verdict, brushes);
  const isUnguarded = knocks.some(isPlainAndOpen);
  const lines = [
    ...wrapped(`Knocked at ${url} with ${counted(knocks.length, "request")}.`).map(brushes.bold),
    "",
    `${brush(verdict.toUpperCase())}: ${brushes.plain(MEANS[verdict])}`,
    ...(isUnguarded ? unguarded(knocks, brushes) : explanations(report, brushes)),
    "",
    ...table(knocks, brushes, isUnguarded),
    "",
    ...(verdict === "unreachable" ? [] : list("Not tried:", report.untried)),
    ...list("What no knock can find:", LIMITS),
  ];
  return `${lines.join("\n")}\n`;
}

function counted(count: number, thing: string): string {
  return `${count} ${thing}${count === 1 ? "" : "s"}`;
}

/** Whether a request without any credentials got in. Then the other requests say nothing about a guard. */
function isPlainAndOpen({ name, outcome }: KnockResult): boolean {
  return name === "nothing" && outcome === "open";
}

function unguarded(knocks: readonly KnockResult[], brushes: Brushes): string[] {
  const paths = [...new Set(knocks.filter(isPlainAndOpen).map(({ path }) => path))];
  const what = `A plain request without any credentials gets in at ${paths.join(", ")}. So this address is not guarded there, and the other requests got in for the same reason.`;
  return [
    "",
    brushes.bad("Open: no guard"),
    ...wrapped(what, "  "),
    ...wrapped(`To do: ${ADVICE["no credentials"]}`, "  "),
  ];
}

/**
 * One line for each knock that was not refused, and one line for each kind of refused ones.
 *
 * @param isBrief one line for each kind of those that got in, too
 */
function table(knocks: readonly KnockResult[], brushes: Brushes, isBrief: boolean): string[] {
  const header = row("tried", "path", "came back", "means");
  const families = [...new Set(knocks.map(({ family }) => family))];
  const rows = families.flatMap((family) => {
    const own = knocks.filter((knock) => knock.family === family);
    const brief: readonly Outcome[] = isBrief ? ["shut", "open"] : ["shut"];
    const summaries = brief.flatMap((outcome) => summary(family, own, outcome, brushes));
    const others = own.filter(({ outcome }) => !brief.includes(outcome));
    return [...summaries, ...others.map((knock) => rowOf(knock, brushes))];
  });
  return [brushes.bold(header), brushes.plain("-".repeat(WIDTH)), ...rows];
}

/** One line for all knocks of a kind with the same outcome, if there are any. */
function summary(
  family: string,
  knocks: readonly KnockResult[],
  wanted: Outcome,
  brushes: Brushes,
): string[] {
  const same = knocks.filter(({ outcome }) => outcome === wanted);
  if (same.length === 0) return [];
  const statuses = [...new Set(same.map(({ status }) => String(status ?? "cut")))].sort();
  return [row(`${family} (${same.length})`, "", statuses.join(" "), wanted, brushes)];
}

function rowOf({ name, path, status, outcome }: KnockResult, brushes: Brushes): string {
  return row(name, path, status === null ? "nothing" : String(status), outcome, brushes);
}

const COLUMNS = [44, 26, 17, 8] as const;

function row(name: string, path: string, back: string, outcome: string, brushes?: Brushes): string {
  const cells = [name, path, back, outcome].map((text, index) => {
    const width = COLUMNS[index] as number;
    const cut = escaped(text);
    const short = cut.length > width ? `${cut.slice(0, width - 1)}…` : cut;
    return index === 3 ? short : short.padEnd(width);
  });
  const [first = "", second = "", third = "", last = ""] = cells;
  const start = `${first} ${second} ${third} `;
  return brushes === undefined
    ? `${start}${last}`
    : `${brushes.plain(start)}${brushOf(last as Outcome, brushes)(last)}`;
}

function brushOf(outcome: Outcome | Verdict, brushes: Brushes): (text: string) => string {
  if (outcome === "open") return brushes.bad;
  if (outcome === "shut" || outcome === "control") return brushes.good;
  return brushes.warn;
}

/** Explains each kind of knock that got in, and what to do. */
function explanations({ knocks, verdict }: KnockReport, brushes: Brushes): string[] {
  const open = knocks.filter(({ outcome }) => outcome === "open");
  const families = [...new Set(open.map(({ family }) => family))];
  const found = families.flatMap((family) => {
    const whys = reasons(open.filter((knock) => knock.family === family));
    const more = whys.length > 4 ? [`And ${counted(whys.length - 4, "other reason")}.`] : [];
    return [
      "",
      brushes.bad(`Open: ${family}`),
      ...[...whys.slice(0, 4), ...more].flatMap((why) => wrapped(why, "  ")),
      ...wrapped(`To do: ${ADVICE[family]}`, "  "),
    ];
  });
  return [...found, ...doubts(knocks, verdict, brushes)];
}

/** What each open knock means, after the names of the knocks that it is about. */
function reasons(open: readonly KnockResult[]): string[] {
  return [...new Set(open.map(({ why }) => why))].map((why) => {
    const names = [...new Set(open.filter((knock) => knock.why === why).map(({ name }) => name))];
    const others = names.length > 3 ? `, and ${names.length - 3} more` : "";
    return `${names.slice(0, 3).join(", ")}${others}: ${why}`;
  });
}

/** What came back that is no clear refusal, and what to do. */
function doubts(knocks: readonly KnockResult[], verdict: Verdict, brushes: Brushes): string[] {
  const unclear = knocks.filter(({ outcome }) => outcome === "unclear");
  if (unclear.length === 0) return [];
  const notes = [...new Set(unclear.map(({ note = "no answer" }) => note))];
  const isUnreachable = verdict === "unreachable";
  const title = `Unclear: ${counted(unclear.length, "answer")}`;
  return [
    "",
    ...(isUnreachable ? [] : [brushes.warn(title)]),
    ...wrapped(`What came back: ${notes.slice(0, 6).join("; ")}.`, "  "),
    ...wrapped(`To do: ${isUnreachable ? NO_ANSWER : NO_REFUSAL}`, "  "),
  ];
}

function list(title: string, sentences: readonly string[]): string[] {
  if (sentences.length === 0) return [];
  return [title, ...sentences.flatMap((sentence) => wrapped(sentence, "  "))];
}

/** Breaks text at spaces into lines of at most `WIDTH` characters. */
function wrapped(text: string, indentation = ""): string[] {
  const lines: string[] = [];
  let line = "";
  for (const word of escaped(text).split(" ").flatMap(pieces)) {
    if (line !== "" && indentation.length + line.length + 1 + word.length > WIDTH) {
      lines.push(indentation + line);
      line = word;
    } else line = line === "" ? word : `${line} ${word}`;
  }
  return [...lines, indentation + line];
}

function pieces(word: string): string[] {
  return word.match(new RegExp(`.{1,${WIDTH - 4}}`, "gu")) ?? [""];
}

/** A path may contain any character. Keeps only those that take one column and do not control a terminal. */
function escaped(text: string): string {
  return text.replace(/[^\x20-\x7e…]/g, "?");
}
