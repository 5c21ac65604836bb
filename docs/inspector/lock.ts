// Runs before anything else. A policy can be added to a document and never taken away, so from here on
// the page can send nothing anywhere. Inside the small frame that gets the keys, the one address that
// the person chose is left open, and nothing else is.
import { keysUrl, policyFor } from "./policy.ts";

const meta = document.createElement("meta");
meta.httpEquiv = "Content-Security-Policy";
meta.content = policyFor(window === window.top ? undefined : keysUrl(location.hash));
document.head.append(meta);
