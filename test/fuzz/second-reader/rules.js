// The rules for a token beyond those of jose: each from its standard, written without looking at
// the library. A rule answers whether the token follows it.
import { current, previous } from "../world/world.js";

const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
const MODULI = [current, previous].map(({ jwk }) => [jwk.kid, numberOf(jwk.n)]);

/** The facts that every rule reads; `undefined` where one cannot be read. */
export function readToken(token) {
  const parts = token.split(".");
  const [header, payload] = parts.map((part) => readObject(part));
  return { token, parts, header, payload };
}

export const RULES = {
  "no longer than 16,384 bytes": ({ token }) => Buffer.byteLength(token) <= 16_384,

  "three parts (RFC 7515 section 7.1)": ({ parts }) => parts.length === 3,

  "canonical base64url (RFC 7515 section 2, RFC 4648 section 3.5)": ({ parts }) =>
    parts.every((part) => Buffer.from(part, "base64url").toString("base64url") === part),

  "JSON objects in UTF-8 (RFC 7519 section 7.2)": ({ header, payload }) =>
    header !== undefined && payload !== undefined,

  "kid is a string (RFC 7515 section 4.1.4)": ({ header }) => isAbsentOrString(header?.kid),

  "no crit, b64, enc, zip (RFC 7515 section 4.1.11, RFC 7797, RFC 7516)": ({ header = {} }) =>
    ["crit", "b64", "enc", "zip"].every((name) => !Object.keys(header).includes(name)),

  "typ is JWT (RFC 7515 section 4.1.9, RFC 8725 section 3.11)": ({ header }) =>
    header?.typ === undefined || fullType(header.typ) === "application/jwt",

  "cty is a media type other than JWT (RFC 7519 section 5.2)": ({ header }) =>
    header?.cty === undefined ||
    !["", "application/", "application/jwt"].includes(fullType(header.cty)),

  "signature less than the modulus (RFC 8017 section 5.2.2)": ({ header, parts }) =>
    MODULI.some(
      ([kid, modulus]) =>
        (header?.kid === undefined || header.kid === kid) && numberOf(parts[2] ?? "") < modulus,
    ),

  "aud is a string or strings (RFC 7519 section 4.1.3)": ({ payload }) =>
    [payload?.aud].flat().every((value) => typeof value === "string"),

  "exp is present and finite (RFC 7519 sections 2 and 4.1.4)": ({ payload }) =>
    Number.isFinite(payload?.exp),

  "nbf and iat are finite (RFC 7519 sections 4.1.5 and 4.1.6)": ({ payload }) =>
    [payload?.nbf, payload?.iat].every((time) => time === undefined || Number.isFinite(time)),

  "iat is not in the future (RFC 7519 section 4.1.6)": ({ payload }, { now, tolerance }) =>
    !(payload?.iat > now + tolerance),

  "iat is not too old (RFC 7519 section 4.1.6)": ({ payload }, { now, tolerance, maxAge }) =>
    maxAge === undefined || now - payload?.iat - tolerance <= maxAge,

  "sub and jti are strings (RFC 7519 sections 4.1.2 and 4.1.7)": ({ payload }) =>
    isAbsentOrString(payload?.sub) && isAbsentOrString(payload?.jti),

  "type is that of the application (RFC 8725 section 3.12)": ({ payload = {} }, { tokenType }) => {
    const { type = isService(payload) ? "app" : undefined } = payload;
    return ["app", "org"].includes(type) && ["any", type].includes(tokenType);
  },

  "names a user or a service (Cloudflare Access)": ({ payload = {} }) =>
    isService(payload) || [payload.sub, payload.email].every(isFilled),
};

function readObject(part) {
  try {
    const value = JSON.parse(utf8.decode(Buffer.from(part, "base64url")));
    if (value === null || typeof value !== "object" || Array.isArray(value)) return undefined;
    // A member of a prototype is not in the token.
    return Object.assign(Object.create(null), value);
  } catch {
    return undefined;
  }
}

/** With the prefix that a type without a slash leaves out, and without case. */
function fullType(value) {
  if (typeof value !== "string" || value === "") return "";
  return (value.includes("/") ? value : `application/${value}`).toLowerCase();
}

function isService({ sub, common_name: name }) {
  return (sub === undefined || sub === "") && isFilled(name);
}

function isFilled(value) {
  return typeof value === "string" && value.length > 0;
}

function isAbsentOrString(value) {
  return value === undefined || typeof value === "string";
}

function numberOf(text) {
  return BigInt(`0x0${Buffer.from(text, "base64url").toString("hex")}`);
}
