import { requireAccess } from "postern/next";
import { accessVerifier } from "./access.js";

let guard;

export function middleware(request, event) {
  guard ??= requireAccess(accessVerifier(), { publicPaths: ["/public"] });
  return guard(request, event);
}
