import { requireAccess } from "postern/next";
import { accessVerifier } from "./access.js";

const { OPEN } = process.env;
let guard;

export function proxy(request, event) {
  guard ??= requireAccess(accessVerifier(), {
    ...(OPEN && { [OPEN]: true }),
    publicPaths: ["/public", "/rewritten", "/rewritten-guarded"],
  });
  return guard(request, event);
}
