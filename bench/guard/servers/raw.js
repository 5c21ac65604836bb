// WebCrypto's verification of RS256 signatures alone, 64 at once, for a number of seconds: how many
// a second.
import { readFileSync } from "node:fs";

const [file, seconds] = process.argv.slice(2);
const { jwk, tokens } = JSON.parse(readFileSync(file, "utf8"));
const algorithm = { name: "RSASSA-PKCS1-v1_5", hash: "SHA-256" };
const key = await crypto.subtle.importKey("jwk", jwk, algorithm, false, ["verify"]);
const parts = tokens.map((token) => {
  const end = token.lastIndexOf(".");
  return [Buffer.from(token.slice(end + 1), "base64url"), Buffer.from(token.slice(0, end))];
});
let count = 0;
const start = performance.now();
const end = start + Number(seconds) * 1000;
await Promise.all(
  Array.from({ length: 64 }, async (_, at) => {
    for (let next = at; performance.now() < end; next += 64) {
      const [signature, text] = parts[next % parts.length];
      if (!(await crypto.subtle.verify(algorithm, key, signature, text)))
        throw new Error("refused");
      count++;
    }
  }),
);
const rate = count / ((performance.now() - start) / 1000);
console.log(JSON.stringify({ rate }));
