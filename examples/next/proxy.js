import { requireAccess } from "postern/next";
import { accessVerifier } from "./access.js";

let guard;

// There is no `matcher`: it is asked about everything.
export function proxy(request, event) {
  guard ??= requireAccess(accessVerifier(), { publicPaths: ["/public"] });
  return guard(request, event);
}
