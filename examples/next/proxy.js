import { requireAccess } from "postern/next";
import { accessVerifier } from "./access.js";

let guard;

export function proxy(request, event) {
  guard ??= requireAccess(accessVerifier(), { publicPaths: ["/public"] });
  return guard(request, event);
}

// The build's own files are the same for everybody; whatever else there is, is guarded.
export const config = { matcher: ["/((?!_next/static/).*)"] };
