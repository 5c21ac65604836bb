import { byId, h } from "./dom.ts";
import { policyFor } from "./policy.ts";

/** No such name exists, nor ever will (RFC 6761 section 6.4): even a broken lock would send nothing. */
const NOWHERE = "https://nowhere.invalid/";
const PATIENCE_MS = 2000;

/** The policy in force, and a button that tries it. */
export function showPolicy(): void {
  const metas = document.querySelectorAll<HTMLMetaElement>(
    'meta[http-equiv="Content-Security-Policy"]',
  );
  // The last one was added by the page itself; every one of them holds.
  byId("policy", HTMLElement).textContent = [...metas].at(-1)?.content ?? "";
  byId("prove", HTMLButtonElement).addEventListener("click", async () => {
    const directive = await tryToSend();
    byId("proof", HTMLElement).textContent =
      directive === undefined
        ? "The browser did not refuse it. Do not paste a token here."
        : `The browser refused it, by ${directive}.`;
  });
}

/** Which directive the browser refused it by. */
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

/** A request that was made, and the policy of the frame that made it. */
export function showRequest(url: URL, isHad: boolean): void {
  byId("requests", HTMLElement).replaceChildren(
    "It has asked for keys, through a frame that knows no token and may connect to one address: ",
    h("code", {}, policyFor(url)),
    isHad ? "." : ". Nothing came of it.",
  );
}
