import { createServer as createHttpServer } from "node:http";
import { createServer, type Server } from "node:net";
import { describe, expect, it } from "vitest";
import { startGuard } from "../../src/guard/index.ts";
import { startLocalAccess } from "../../src/local/index.ts";
import { listening } from "../../src/proxy/listening.ts";
import { AUD, team } from "../guard-unit/support.ts";
import { listen } from "./support.ts";

/** A port that another server has. */
const taken = async (): Promise<number> => listen(createHttpServer());

/** A server whose attempt to listen ends in an error of Node's, as on a machine that forbids it. */
function failing(code: string): Server {
  const server = createServer();
  server.listen = () => {
    const error = Object.assign(new Error(`listen ${code}`), { code });
    setImmediate(() => server.emit("error", error));
    return server;
  };
  return server;
}

describe("an address that is not available", () => {
  it.each([
    ["EADDRINUSE", "port 80 is taken by another process: give another one"],
    ["EACCES", "port 80 may not be used by this user: give another one"],
    ["EADDRNOTAVAIL", "port 80 is not an address of this machine: give another one"],
    ["ENOTFOUND", "port 80 is not an address of this machine: give another one"],
    ["ENOTDIR", "port 80 is below a file, not below a folder: give another one"],
  ])("is told in one sentence, with Node's own error: %s", async (code, message) => {
    const trying = listening(failing(code), { port: 80 }, "port 80", "give another one");
    const error = await trying.catch((thrown: Error) => thrown);
    expect(error).toMatchObject({ message, code, cause: { message: `listen ${code}`, code } });
    expect(error).toBeInstanceOf(Error);
  });

  it("is told as Node tells it where nothing better can be said", async () => {
    for (const code of ["EINVAL", "toString"]) {
      const trying = listening(failing(code), { port: 80 }, "port 80", "give another one");
      const error = await trying.catch((thrown: Error) => thrown);
      expect(error).toMatchObject({ message: `listen ${code}`, code });
      expect(error).not.toHaveProperty("cause");
    }
  });

  it("is named by Local Access, with what to do", async () => {
    const port = await taken();
    await expect(startLocalAccess({ target: "http://127.0.0.1:9", port })).rejects.toMatchObject({
      message: `port ${port} is taken by another process: give another one, or 0 for any free one`,
      code: "EADDRINUSE",
      cause: { code: "EADDRINUSE", port },
    });
  });

  it("is named by the guard, with the option that says so", async () => {
    const port = await taken();
    const address = `127.0.0.1:${port}`;
    const { fetch } = await team();
    const least = { team: "acme", audience: AUD, fetch, log: "off" } as const;
    const says = `${address} is taken by another process: give another one, or port 0 for any free one`;
    for (const [option, others] of [
      ["listen", {}],
      ["admin", { listen: "127.0.0.1:0" }],
    ] as const) {
      await expect(startGuard({ ...least, ...others, [option]: address })).rejects.toMatchObject({
        message: `${option} ${says}`,
        code: "EADDRINUSE",
        cause: { code: "EADDRINUSE", port },
      });
    }
  });
});
