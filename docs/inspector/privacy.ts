import { byId, h } from "./dom.ts";
import { policyFor } from "./policy.ts";

/** This name can never exist (RFC 6761 section 6.4), so nothing is sent even if the lock is broken. */
const NOWHERE = "https://nowhere.invalid/";
const PATIENCE_MS = 2000;

/** Shows the policy of the page, and a button that tests it. */
export function showPolicy(): void {
  const metas = document.querySelectorAll<HTMLMetaElement>(
    'meta[http-equiv="Content-Security-Policy"]',
  );
  // All policies apply. The page itself added the last one.
  byId("policy", HTMLElement).textContent = [...metas].at(-1)?.content ?? "";
  byId("prove", HTMLButtonElement).addEventListener("click", async () => {
    const directive = await tryToSend();
    byId("proof", HTMLElement).textContent =
      directive === undefined
        ? "The browser did not refuse it. Do not paste a token here."
        : `The browser refused it because of ${directive}.`;
  });
}

/** Returns the directive because of which the browser refused a request. */
function tryToSend(): Promise<string | undefined> {
  return new Promise((resolve) => {
    const finish = (directive: string | undefined): void => {
      document.removeEventListener("securitypolicyviolation", listen);
      clearTimeout(timer);
      resolve(directive);
    };
    const listen = (event: SecurityPolicyViolationEvent): void => {
      if (event.disposition === "enforce") finish(event.effectiveDirective);
    };
    const timer = setTimeout(() => finish(undefined), PATIENCE_MS);
    document.addEventListener("securitypolicyviolation", listen);
    fetch(NOWHERE).catch(() => {});
  });
}

/** Shows a request for keys, and the policy of the frame that sent it. */
export function showRequest(url: URL, isHad: boolean): void {
  byId("requests", HTMLElement).replaceChildren(
    "It fetched keys, through a frame that has no token and can connect only to one address: ",
    h("code", {}, policyFor(url)),
    isHad ? "." : ". The request failed.",
  );
}
