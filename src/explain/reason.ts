import { type Check, type CheckName, explainsMeta } from "./checks.ts";

/** Why a token is refused, for a reader who does not know the specification. */
export interface Reason {
  readonly check: CheckName;
  /** A sentence about the token. */
  readonly headline: string;
  /** The result of the check, in a sentence. */
  readonly says: string;
  /** What will most likely help. */
  readonly fix?: string | undefined;
}

const HEADLINES: { readonly [name in CheckName]: string } = {
  spelling: "This is not a token.",
  algorithm: "It is not signed the way Access signs.",
  header: "A guard does not support its header.",
  key: "No key can check it.",
  signature: "Its signature is not valid.",
  issuer: "It is not from this team.",
  type: "It is not a token for an application.",
  audience: "It is for another application.",
  expiry: "It has expired.",
  start: "It is not valid yet.",
  principal: "It names no user and no service.",
  claims: "One of its claims is not valid.",
};

/** The words that turn the result of a check into a sentence. */
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

/** Explains the check that decided, or else the first one that is wrong. */
export function reasonOf(checks: readonly Check[], decided?: CheckName): Reason | undefined {
  const isWrong = ({ state, name }: Check): boolean =>
    state === "wrong" && (decided === undefined || name === decided);
  let found = checks.find(isWrong);
  // A token of a visitor who is not logged in has no issuer: explain that instead.
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
