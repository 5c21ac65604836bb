import { type Check, type CheckName, explainsMeta } from "./checks.ts";

/** Why a token is not let in, for a reader who never read a specification. */
export interface Reason {
  readonly check: CheckName;
  /** A sentence about the token. */
  readonly headline: string;
  /** What was seen, in a sentence. */
  readonly says: string;
  /** What would most likely help. */
  readonly fix?: string | undefined;
}

const HEADLINES: { readonly [name in CheckName]: string } = {
  spelling: "This is not a token.",
  algorithm: "It is not signed as Access signs.",
  header: "It asks for more than a guard does.",
  key: "There is no key to check it with.",
  signature: "Its signature does not hold.",
  issuer: "It is not from this team.",
  type: "It is not a token for an application.",
  audience: "It is for another application.",
  expiry: "It has expired.",
  start: "It is not valid yet.",
  principal: "It names no user and no service.",
  claims: "One of its claims is not as it must be.",
};

/** What makes a check's few words a sentence. */
const BEGINNINGS: { readonly [name in CheckName]: string } = {
  spelling: "It has",
  algorithm: "It names",
  header: "Its",
  key: "Its key",
  signature: "It was",
  issuer: "It was issued by",
  type: "Its type is",
  audience: "It is for",
  expiry: "It",
  start: "Its",
  principal: "It names",
  claims: "",
};

/** The check that decided; the first that is wrong, if the caller names none. */
export function reasonOf(checks: readonly Check[], decided?: CheckName): Reason | undefined {
  const isWrong = ({ state, name }: Check): boolean =>
    state === "wrong" && (decided === undefined || name === decided);
  let found = checks.find(isWrong);
  // It has no issuer because of what it is.
  if (found?.name === "issuer") found = checks.find(explainsMeta) ?? found;
  if (found === undefined) return undefined;
  const { name, says, fix } = found;
  return { check: name, headline: HEADLINES[name], says: asSentence(name, says), fix };
}

function asSentence(name: CheckName, says: string): string {
  const isWhole = /^(?:it|there|the|a|its) /.test(says);
  const text = isWhole ? says : `${BEGINNINGS[name]} ${says}`.trim();
  return `${text.charAt(0).toUpperCase()}${text.slice(1).replace(/\.?$/, ".")}`;
}
