import { createServer } from "node:net";

// Below the range that Linux uses for port 0 and for outgoing connections (32768 to 60999), so no
// other server gets the same one meanwhile. Each process starts at another number.
let lastPort = 20_000 + (process.pid % 100) * 100;

/** A free port that no other caller in this process gets. */
export async function freePort() {
  for (let tries = 0; tries < 1000; tries++) {
    lastPort = lastPort < 32_000 ? lastPort + 1 : 20_000;
    // Other callers change `lastPort` while this one waits.
    const port = lastPort;
    if (await isFree(port)) return port;
  }
  throw new Error("no port between 20000 and 32000 is free");
}

function isFree(port) {
  return new Promise((resolve) => {
    const server = createServer();
    server.once("error", () => resolve(false));
    server.listen(port, "127.0.0.1", () => server.close(() => resolve(true)));
  });
}
