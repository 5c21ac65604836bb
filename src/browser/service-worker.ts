/** How long a browser may take to take them away, in ms. */
const PATIENCE = 2_000;

/**
 * Takes away the service workers that would answer this page, or the way back from the log-in, in place
 * of the network. A page that a worker answers from a cache never meets the log-in. The application
 * registers its worker again when it is loaded.
 *
 * @returns nothing where there is no such thing as a service worker
 */
export function releaseServiceWorkers(): Promise<unknown> | undefined {
  const container = workers();
  if (container === undefined) return undefined;
  // The page's own, and that of the address at which Access sets its cookie.
  const released = [undefined, "/cdn-cgi/access/"].map(async (address) =>
    (await container.getRegistration(address))?.unregister(),
  );
  const tooLong = new Promise((resolve) => setTimeout(resolve, PATIENCE));
  return Promise.race([Promise.allSettled(released), tooLong]);
}

/** The part of a `ServiceWorkerContainer` that is used; not every runtime's types know one. */
interface Container {
  getRegistration(address?: string): Promise<{ unregister(): Promise<unknown> } | undefined>;
}

/** In a sandboxed page the mere name of it throws a `SecurityError`. */
function workers(): Container | undefined {
  try {
    const { navigator } = globalThis as { navigator?: { serviceWorker?: Container } };
    return navigator?.serviceWorker;
  } catch {
    return undefined;
  }
}
