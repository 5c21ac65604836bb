import type { JsonObject } from "../../src/encoding/json.ts";
import { claimsAccess, type Expectations } from "../../src/explain/checks.ts";
import { guessTeam, oddAudience } from "../../src/explain/guess-team.ts";
import { guessToken } from "../../src/explain/guess-token.ts";
import { UsageError } from "../../src/explain/usage-error.ts";
import { visible } from "../../src/explain/visible.ts";
import { own } from "../../src/own.ts";
import { decodeUnverified } from "../../src/token/decode-unverified.ts";
import { byId } from "./dom.ts";

/** The input of the form, as far as it is valid. */
export interface Question {
  readonly token: string;
  readonly header: JsonObject;
  readonly payload: JsonObject;
  readonly expected: Expectations;
  /** The address of the team's keys. */
  readonly certsUrl: string | undefined;
  readonly notes: { readonly [field in Field]?: Note | undefined };
}

type Field = "token" | "team" | "audience";
type Note = { readonly text: string; readonly isWrong: boolean };

const textOf = (id: string): string => byId(id, HTMLInputElement).value.trim();

export function readQuestion(): Question {
  const { token, note: tokenNote } = readToken(byId("token", HTMLTextAreaElement).value);
  const { header, payload } = decode(token);
  const team = readTeam(textOf("team"));
  const audience = textOf("audience")
    .split(/[\s,]+/)
    .filter((tag) => tag !== "");
  const odd = audience.map(oddAudience).find((reason) => reason !== undefined);
  const isAccess =
    team.certsUrl !== undefined || (team.issuer === undefined && claimsAccess(payload));
  return {
    token,
    header,
    payload,
    expected: {
      now: Date.now(),
      toleranceSeconds: readTolerance(textOf("tolerance")),
      issuer: team.issuer,
      audience: audience.length === 0 ? undefined : audience,
      tokenType: isAccess ? readType() : undefined,
    },
    certsUrl: team.certsUrl,
    notes: {
      token: tokenNote,
      team: team.note,
      audience: odd === undefined || !isAccess ? undefined : hint(`Check the AUD tag: ${odd}.`),
    },
  };
}

const hint = (text: string): Note => ({ text, isWrong: false });

function wrong(error: unknown): Note {
  if (!(error instanceof UsageError)) throw error;
  return { text: `${error.message.replace(/\.?$/, ".")}`, isWrong: true };
}

function readToken(pasted: string): { token: string; note: Note | undefined } {
  try {
    const { token, note } = guessToken(pasted);
    return { token, note: note === undefined ? undefined : hint(`Note: ${note}.`) };
  } catch (error) {
    return { token: "", note: wrong(error) };
  }
}

function decode(token: string): { header: JsonObject; payload: JsonObject } {
  try {
    return decodeUnverified(token);
  } catch {
    return { header: {}, payload: {} };
  }
}

interface Team {
  readonly issuer: string | undefined;
  readonly certsUrl: string | undefined;
  readonly note: Note | undefined;
}

function readTeam(given: string): Team {
  if (given === "") return { issuer: undefined, certsUrl: undefined, note: undefined };
  try {
    const { issuer, certsUrl, note } = guessTeam(given);
    return { issuer, certsUrl, note: note === undefined ? undefined : hint(`Note: ${note}.`) };
  } catch (error) {
    if (!/^https:\/\/[^\s/]/i.test(given)) {
      return { issuer: undefined, certsUrl: undefined, note: wrong(error) };
    }
    const note = hint(
      "This is not a team of Access. It is used, unchanged, as another issuer. Give its keys.",
    );
    return { issuer: given, certsUrl: undefined, note };
  }
}

function readTolerance(text: string): number {
  const seconds = text === "" ? 60 : Number(text);
  return seconds >= 0 && seconds <= 300 ? seconds : 60;
}

function readType(): "app" | "org" | "any" {
  const { value } = byId("type", HTMLSelectElement);
  return value === "org" || value === "any" ? value : "app";
}

/** Shows a note below each field, and a button with the token's own value. */
export function showNotes({ notes, payload, expected }: Question): void {
  for (const field of ["token", "team", "audience"] as const) {
    const note = notes[field];
    const place = byId(`${field}-note`, HTMLElement);
    place.textContent = note?.text ?? "";
    place.hidden = note === undefined;
    place.classList.toggle("bad", note?.isWrong === true);
    byId(field, HTMLElement).toggleAttribute("aria-invalid", note?.isWrong === true);
    if (note?.isWrong) byId(field, HTMLElement).setAttribute("aria-invalid", "true");
  }
  const iss = own(payload, "iss");
  offer("team", typeof iss === "string" && iss !== expected.issuer ? iss : undefined);
  const tags = [own(payload, "aud")].flat().filter((tag) => typeof tag === "string");
  const isNamed = tags.some((tag) => expected.audience?.includes(tag));
  offer("audience", isNamed ? undefined : tags[0]);
}

/** Offers the token's own value. It is never used without the user, because every token would then match. */
function offer(field: "team" | "audience", value: string | undefined): void {
  const button = byId(`${field}-offer`, HTMLButtonElement);
  const isOffered = value !== undefined && value !== "" && value.length <= 200;
  button.hidden = !isOffered;
  if (!isOffered) return;
  const shown = visible(value).replace(/^https:\/\//, "");
  const text = `The token contains ${shown.length > 44 ? `${shown.slice(0, 20)}…` : `${shown}.`} Use this?`;
  if (button.textContent !== text) button.textContent = text;
  button.onclick = () => {
    const input = byId(field, HTMLInputElement);
    input.value = value;
    input.focus();
    input.dispatchEvent(new Event("input", { bubbles: true }));
  };
}
