import { encodeBase64Url } from "../encoding/base64url.ts";
import { encodePart } from "../testing/compact.ts";
import { concat, utf8 } from "../testing/der.ts";
import { type HostileToken, partsOf } from "../testing/hostile/forge.ts";

/** A genuine token with one thing wrong. */
export function spoil(token: string): readonly HostileToken[] {
  const [head, payload, signature] = partsOf(token);
  const [first = "", last = ""] = [signature.slice(0, 1), signature.slice(-2)];
  const other = (letter: string): string => (letter === "A" ? "B" : "A");
  const turned = (text: string): string => [...text].map(other).join("");
  const forgedHead = encodePart({ alg: "none", typ: "JWT" });
  const spoilt: readonly (readonly [name: string, token: string, what: string])[] = [
    ["signature-cut", token.slice(0, -8), "The last letters of the signature are missing"],
    [
      "signature-halved",
      token.slice(0, -(signature.length >> 1)),
      "Half of the signature is missing",
    ],
    ["signature-gone", `${head}.${payload}.`, "The signature is missing"],
    [
      "signature-first-letter",
      `${head}.${payload}.${other(first)}${signature.slice(1)}`,
      "The first letter of the signature is another one",
    ],
    [
      "signature-last-letters",
      `${head}.${payload}.${signature.slice(0, -2)}${turned(last)}`,
      "The last letters of the signature are others",
    ],
    ["signature-extended", `${token}AAAA`, "Letters follow the signature"],
    [
      "payload-changed",
      `${head}.${changed(payload)}.${signature}`,
      "The payload says something else than what was signed",
    ],
    [
      "header-changed",
      `${forgedHead}.${payload}.${signature}`,
      "The header is another one than what was signed",
    ],
    [
      "prefix-kept",
      `${token.slice(0, Math.max(64, head.length + 32))}.x.x`,
      "Only its beginning is genuine",
    ],
    ["prefix-kept-three-parts", `${head}.${payload}.AAAA`, "Only its first two parts are genuine"],
  ];
  return spoilt.map(([name, text, what]) => ({
    name: `genuine-${name}`,
    token: text,
    why: `${what}: the signature must be checked over all of it, each time.`,
  }));
}

/** The same claims in another spelling, with a member more. */
function changed(payload: string): string {
  try {
    const bytes = Uint8Array.from(
      atob(payload.replaceAll("-", "+").replaceAll("_", "/")),
      (letter) => letter.charCodeAt(0),
    );
    const start = bytes.lastIndexOf(0x7d);
    return encodeBase64Url(concat(bytes.subarray(0, start), utf8(',"knock":1}')));
  } catch {
    return `${payload}AAAA`;
  }
}
