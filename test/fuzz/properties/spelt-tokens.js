import fc from "fast-check";
import { applyEdits, edits } from "../arbitrary/edits.js";
import { genuine } from "../world/world.js";
import { assertAgreement } from "./agreement.js";

export default {
  name: "a genuine token with changed characters is accepted exactly when the second reader accepts it",
  share: 30,
  mustSee: ["accepted", "token_malformed", "signature_invalid"],
  arbitrary: fc.record({ token: fc.nat(genuine.length - 1), edits: edits({ maxLength: 4 }) }),
  check: ({ token, edits }) => assertAgreement(applyEdits(genuine[token], edits)),
};
