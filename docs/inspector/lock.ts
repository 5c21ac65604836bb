// Runs before all other code. A policy can be added to a document but never removed, so from now on the page
// can send nothing. In the frame that fetches the keys, the policy allows only the address that the user chose.
import { keysUrl, policyFor } from "./policy.ts";

const meta = document.createElement("meta");
meta.httpEquiv = "Content-Security-Policy";
meta.content = policyFor(window === window.top ? undefined : keysUrl(location.hash));
document.head.append(meta);
