import { requireAccess } from "postern/next";
import { accessVerifier } from "./access";

// Without a `matcher`, Next.js calls the proxy for every request.
export const proxy = requireAccess(accessVerifier(), { publicPaths: ["/public"] });
