import { encodeBase64Url } from "../encoding/base64url.ts";
import { encodePart } from "../testing/compact.ts";
import { concat, utf8 } from "../testing/der.ts";
import { type HostileToken, partsOf } from "../testing/hostile/forge.ts";

/** Copies of a genuine token, each with one change that makes it invalid. */
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
      "The first letter of the signature was changed",
    ],
    [
      "signature-last-letters",
      `${head}.${payload}.${signature.slice(0, -2)}${turned(last)}`,
      "The last letters of the signature were changed",
    ],
    ["signature-extended", `${token}AAAA`, "There are extra letters after the signature"],
    [
      "payload-changed",
      `${head}.${changed(payload)}.${signature}`,
      "The payload is not the one that was signed",
    ],
    [
      "header-changed",
      `${forgedHead}.${payload}.${signature}`,
      "The header is not the one that was signed",
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
    why: `${what}: the signature must be verified over the whole token, each time.`,
  }));
}

/** The same claims with one more member. */
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
