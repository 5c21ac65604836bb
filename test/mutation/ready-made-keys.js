// An RSA key takes a tenth of a second to make, and some tests make many. Those that a thousand changes
// have to pass take keys off a pile instead: each test file has its own, so no two calls get the same.
import { readFileSync } from "node:fs";
import { KEYS_FILE } from "./make-keys.js";

const { subtle } = crypto;
const make = subtle.generateKey.bind(subtle);
const pile = JSON.parse(readFileSync(KEYS_FILE, "utf8"));

subtle.generateKey = async (algorithm, extractable, usages) => {
  const isUsual = algorithm.name === "RSASSA-PKCS1-v1_5" && algorithm.modulusLength === 2048;
  const jwk = isUsual ? pile.pop() : undefined;
  if (jwk === undefined) return make(algorithm, extractable, usages);
  const { n, e } = jwk;
  const read = (key, exports, uses) => subtle.importKey("jwk", key, algorithm, exports, uses);
  return {
    privateKey: await read(jwk, extractable, ["sign"]),
    publicKey: await read({ kty: "RSA", n, e }, true, ["verify"]),
  };
};
