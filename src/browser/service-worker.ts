/** How long to wait for the browser, in ms. */
const PATIENCE = 2_000;

/**
 * Unregisters the service workers that could answer this page, or the redirect back from the log-in,
 * instead of the network. A page from a worker's cache never reaches the log-in. The application registers
 * its worker again when it loads.
 *
 * @returns `undefined` when the browser has no service workers
 */
export function releaseServiceWorkers(): Promise<unknown> | undefined {
  const container = workers();
  if (container === undefined) return undefined;
  // The worker of the page, and the worker of the path where Access sets its cookie.
  const released = [undefined, "/cdn-cgi/access/"].map(async (address) =>
    (await container.getRegistration(address))?.unregister(),
  );
  const tooLong = new Promise((resolve) => setTimeout(resolve, PATIENCE));
  return Promise.race([Promise.allSettled(released), tooLong]);
}

/** The part of a `ServiceWorkerContainer` that is used. Not all runtimes have a type for it. */
interface Container {
  getRegistration(address?: string): Promise<{ unregister(): Promise<unknown> } | undefined>;
}

/** In a sandboxed page, reading the name `serviceWorker` throws a `SecurityError`. */
function workers(): Container | undefined {
  try {
    const { navigator } = globalThis as { navigator?: { serviceWorker?: Container } };
    return navigator?.serviceWorker;
  } catch {
    return undefined;
  }
}
