// What an endpoint may answer: a valid answer, a broken one, or none.
import fc from "fast-check";
import { jwks } from "../world/world.js";
import { keySets, textOf } from "./key-sets.js";

const field = (...values) => fc.constantFrom(undefined, undefined, ...values);

const body = fc.oneof(
  { weight: 4, arbitrary: keySets.map((recipe) => textOf(recipe).toString("latin1")) },
  { weight: 3, arbitrary: fc.constant(JSON.stringify(jwks)) },
  { weight: 1, arbitrary: fc.string({ maxLength: 50 }) },
  { weight: 1, arbitrary: fc.constantFrom("", "null", "[]", "<!DOCTYPE html>", '{"keys":[]}') },
  { weight: 1, arbitrary: fc.constant(`${" ".repeat(30_000)}${JSON.stringify(jwks)}`) },
);

export const responses = fc.record({
  shape: fc.oneof(
    { weight: 6, arbitrary: fc.constant("response") },
    { weight: 1, arbitrary: fc.constantFrom(...["text", "pieces", "empties", "torn", "odd"]) },
    { weight: 1, arbitrary: fc.constantFrom("throws", "nothing", "redirected") },
  ),
  status: fc.oneof(
    { weight: 6, arbitrary: fc.constant(200) },
    { weight: 1, arbitrary: fc.constantFrom(201, 204, 301, 302, 304, 401, 404, 429, 500, 503) },
  ),
  headers: fc.record({
    "cache-control": field(
      "max-age=60",
      "no-store",
      'max-age="9"',
      "max-age=1e9",
      ",,=",
      "private",
    ),
    age: field("0", "59", "99999999999999999999", "-1", "x"),
    etag: field('"1"', "W/1", ""),
    "retry-after": field("1", "99999", "-1", "Wed, 21 Oct 2026 07:28:00 GMT", "x"),
    date: field("Wed, 21 Oct 2026 07:27:00 GMT", "x"),
  }),
  body,
});

/** The response that `fetch` returns for it; `body` is Latin-1, one character for each byte. */
export function respond({ shape, status, headers, body }) {
  const bytes = Buffer.from(body, "latin1");
  const fields = Object.entries(headers).filter(([, value]) => value !== undefined);
  const get = (name) => headers[name] ?? null;
  const text = async () => bytes.toString();
  const streamed = (chunks) => ({ status, headers: { get }, body: streamOf(chunks), text });
  if (shape === "throws") throw new TypeError("fetch failed");
  if (shape === "nothing") return undefined;
  if (shape === "odd") return { status: String(status), headers: get, body: 7 };
  if (shape === "text") return { status, headers: { get }, text };
  if (shape === "redirected") return { ...streamed([bytes]), redirected: true };
  if (shape === "pieces") return streamed(Array.from(bytes, (byte) => Uint8Array.of(byte)));
  if (shape === "empties") return streamed([...Array(100).fill(new Uint8Array()), bytes]);
  if (shape === "torn") return streamed([bytes.subarray(0, bytes.length / 2), new Error("torn")]);
  const isBodiless = [204, 304].includes(status);
  return new Response(isBodiless ? null : bytes, { status, headers: fields });
}

/** Whether that shape gives its whole body within a number of bytes. */
export function arrives({ shape, status, body }, maxBytes) {
  // Each empty piece is counted as if it held 1,024 bytes.
  const size = body.length + (shape === "empties" ? 100 * 1024 : 0);
  const isWhole = ["response", "text", "pieces", "empties"].includes(shape);
  return isWhole && status === 200 && size <= maxBytes;
}

function streamOf(chunks) {
  return new ReadableStream({
    start(controller) {
      for (const chunk of chunks) {
        if (chunk instanceof Error) return controller.error(chunk);
        controller.enqueue(chunk);
      }
      controller.close();
    },
  });
}
