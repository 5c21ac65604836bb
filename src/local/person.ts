import { isJsonObject, type JsonObject } from "../encoding/json.ts";

/** The user who logs in, from the form of the log-in page. */
export interface Person {
  readonly email: string;
  readonly groups: readonly string[];
  /** Two letters (ISO 3166-1). */
  readonly country: string | undefined;
  /** The `custom` claim, which an identity provider would add. */
  readonly custom: JsonObject | undefined;
  readonly sessionSeconds: number;
}

const DAY = 86_400;

/** The longest session that Access offers. */
const MAX_SESSION = 31 * DAY;

/** A wrong value in the log-in form, and what is expected. */
export interface FormMistake {
  readonly field: string;
  readonly message: string;
}

/** Whether it is an e-mail address that is also safe in a header. */
export function isEmail(text: unknown): text is string {
  return typeof text === "string" && /^[\w.!#$%&'*+/=?^`{|}~-]{1,64}@[\w.-]{1,190}$/.test(text);
}

/** Reads the log-in form, or returns what is wrong with it. */
export function readPerson(form: URLSearchParams): Person | FormMistake {
  const field = (name: string): string => (form.get(name) ?? "").trim();
  // A button with a name replaces the whole address field.
  const email = field("as") || field("email");
  if (!isEmail(email)) return { field: "email", message: "This is not an email address." };
  const country = field("country").toUpperCase();
  if (!/^(?:[A-Z][A-Z0-9])?$/.test(country)) {
    return { field: "country", message: "A country is two letters, like PT." };
  }
  const custom = readCustom(field("custom"));
  if (typeof custom === "string") return { field: "custom", message: custom };
  const sessionSeconds = Number(field("session") || DAY);
  if (!Number.isInteger(sessionSeconds) || sessionSeconds < 1 || sessionSeconds > MAX_SESSION) {
    return {
      field: "session",
      message: "A session must be a whole number of seconds, from 1 second to 31 days.",
    };
  }
  const groups = field("groups")
    .split(",")
    .map((group) => group.trim())
    .filter((group) => group !== "");
  return { email, groups, country: country || undefined, custom, sessionSeconds };
}

function readCustom(text: string): JsonObject | undefined | string {
  if (text === "") return undefined;
  const expected = "Custom claims are a JSON object";
  try {
    const value: unknown = JSON.parse(text);
    if (isJsonObject(value)) return isSmall(value) ? value : `${expected} of at most 2,048 bytes.`;
  } catch {
    // The engine's own message is not used: it differs by engine and quotes the text.
  }
  return `${expected}, like {"role": "editor"}.`;
}

/** Browsers may refuse cookies of more than 4,096 bytes (RFC 6265 section 6.1). */
function isSmall(claims: JsonObject): boolean {
  return Buffer.byteLength(JSON.stringify(claims)) <= 2048;
}
