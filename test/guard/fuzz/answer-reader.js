/**
 * Reads the answers on one client's connection. `methods` are those of the requests, in order; an answer that
 * has no request is one too many.
 *
 * @returns the answers, and why the reading ended where it did
 */
export function readAnswers(bytes, methods) {
  const answers = [];
  let rest = bytes;
  while (rest.length > 0) {
    const end = rest.indexOf("\r\n\r\n");
    if (end < 0) return { answers, rest: "half a head" };
    const [line, ...lines] = rest.toString("latin1", 0, end).split("\r\n");
    const [, digits] = /^HTTP\/1\.1 (\d{3})(?: |$)/.exec(line) ?? [];
    if (digits === undefined) return { answers, rest: "no status line" };
    const status = Number(digits);
    rest = rest.subarray(end + 4);
    if (status >= 100 && status < 200 && status !== 101) continue;
    const fields = lines.map((text) => text.split(/:\s*/, 2));
    const values = (name) =>
      fields.filter(([key]) => key.toLowerCase() === name).map(([, value]) => value);
    const answer = { status, fields, values, body: "" };
    answers.push(answer);
    if (status === 101)
      return { answers: [...answers.slice(0, -1), { ...answer, body: String(rest) }] };
    const method = methods[answers.length - 1];
    if (method === "HEAD" || status === 204 || status === 304) continue;
    const read = readBody(rest, values);
    if (read === undefined) return { answers: answers.slice(0, -1), rest: "half a body" };
    answer.body = read.body.toString("latin1");
    rest = read.rest;
  }
  return { answers };
}

function readBody(bytes, values) {
  if (values("transfer-encoding").length > 0) return readChunks(bytes);
  const [length] = values("content-length");
  if (length === undefined) return { body: bytes, rest: Buffer.alloc(0) };
  if (bytes.length < Number(length)) return undefined;
  return { body: bytes.subarray(0, Number(length)), rest: bytes.subarray(Number(length)) };
}

function readChunks(bytes) {
  const parts = [];
  let rest = bytes;
  for (;;) {
    const end = rest.indexOf("\r\n");
    if (end < 0) return undefined;
    const size = Number.parseInt(rest.toString("latin1", 0, end), 16);
    rest = rest.subarray(end + 2);
    if (size === 0) break;
    if (rest.length < size + 2) return undefined;
    parts.push(rest.subarray(0, size));
    rest = rest.subarray(size + 2);
  }
  // Trailers end with an empty line.
  const end = rest.indexOf("\r\n") === 0 ? 0 : rest.indexOf("\r\n\r\n") + 2;
  if (end < 0 || rest.length < 2) return undefined;
  return { body: Buffer.concat(parts), rest: rest.subarray(end + 2) };
}
