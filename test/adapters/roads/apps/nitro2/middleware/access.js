import { defineEventHandler } from "h3";
import { requireAccess } from "postern/h3";
import { isGuardedBy, verifier } from "../guard.js";

const guard = requireAccess(verifier);

export default defineEventHandler((event) =>
  isGuardedBy("middleware") ? guard(event) : undefined,
);
