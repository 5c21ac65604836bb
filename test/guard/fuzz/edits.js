/** Pieces that mean something to a reader of HTTP. */
const PIECES = [
  ...[
    "\r\n",
    "\n",
    "\r",
    "\0",
    " ",
    "\t",
    ":",
    ",",
    ";",
    "\r\n\r\n",
    "\r\n ",
    "0\r\n\r\n",
    "chunked",
  ],
  ...["Content-Length: 0\r\n", "Transfer-Encoding: chunked\r\n", "Connection: close\r\n", "\xff"],
  ...["HTTP/1.1", "HTTP/1.0", "GET / HTTP/1.1\r\nHost: x\r\n\r\n", "X-Auth-Request-User: evil\r\n"],
];

/** The same bytes with one to three small faults. */
export function edited(random, bytes) {
  let result = bytes;
  for (let times = 1 + random.below(3); times > 0; times--) result = editOnce(random, result);
  return result;
}

function editOnce(random, bytes) {
  const at = random.below(bytes.length + 1);
  const end = Math.min(bytes.length, at + 1 + random.below(random.chance(0.8) ? 4 : 80));
  const [before, piece, after] = [
    bytes.subarray(0, at),
    bytes.subarray(at, end),
    bytes.subarray(end),
  ];
  const choice = random.pick(["flip", "drop", "double", "insert", "insert", "cut", "swap"]);
  if (choice === "flip" && piece.length > 0) {
    const flipped = Buffer.from(piece);
    flipped[0] ^= 1 << random.below(8);
    return Buffer.concat([before, flipped, after]);
  }
  if (choice === "drop") return Buffer.concat([before, after]);
  if (choice === "double") return Buffer.concat([before, piece, piece, after]);
  if (choice === "cut" && random.chance(0.3)) return before;
  if (choice === "swap")
    return Buffer.concat([before, after.subarray(0, 20), piece, after.subarray(20)]);
  return Buffer.concat([before, Buffer.from(random.pick(PIECES), "latin1"), bytes.subarray(at)]);
}

/** In pieces, as a network could deliver them. */
export function split(random, bytes) {
  if (random.chance(0.5)) return [bytes];
  const parts = [];
  const most = random.chance(0.1) ? 7 : 2000;
  for (let at = 0; at < bytes.length && parts.length < 60; ) {
    const length = 1 + random.below(most);
    parts.push(bytes.subarray(at, at + length));
    at += length;
  }
  const sent = parts.reduce((sum, part) => sum + part.length, 0);
  return sent < bytes.length ? [...parts, bytes.subarray(sent)] : parts;
}
