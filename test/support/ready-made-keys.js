// An RSA key takes a tenth of a second to make, and the tests need hundreds. Here `generateKey`
// returns keys that were made once, in turn, so that a test file gets a different one each time.
import { readFileSync } from "node:fs";

const { subtle } = crypto;
// Set up once for each test file: the current function may already be this one.
const make = Object.getPrototypeOf(subtle).generateKey;
const keys = JSON.parse(readFileSync(new URL("./rsa-keys.json", import.meta.url), "utf8"));
let next = 0;

subtle.generateKey = async (algorithm, extractable, usages) => {
  const { name, modulusLength, publicExponent } = algorithm;
  const isUsual = name === "RSASSA-PKCS1-v1_5" && modulusLength === 2048;
  if (!isUsual || `${publicExponent}` !== "1,0,1") {
    return make.call(subtle, algorithm, extractable, usages);
  }
  const members = keys[next++ % keys.length];
  const { n, e } = members;
  const read = (key, exports, uses) =>
    subtle.importKey("jwk", { kty: "RSA", ...key }, algorithm, exports, uses);
  return {
    privateKey: await read(members, extractable, ["sign"]),
    publicKey: await read({ n, e }, true, ["verify"]),
  };
};
