import type { Server, ServerResponse } from "node:http";
import type { Duplex } from "node:stream";
import { takeTurn } from "../proxy/pipeline.ts";

/** What is under way at a server, and how it ends. */
export class Traffic {
  readonly #responses = new Set<ServerResponse>();
  readonly #upgraded = new Set<Duplex>();
  #isDraining = false;
  #onIdle = (): void => {};

  /** @returns whether the request may be looked at */
  began(response: ServerResponse): boolean {
    if (!takeTurn(response)) return false;
    if (this.#isDraining) response.shouldKeepAlive = false;
    this.#responses.add(response);
    response.once("close", () => {
      this.#responses.delete(response);
      if (this.#responses.size === 0) this.#onIdle();
    });
    return true;
  }

  upgraded(socket: Duplex): void {
    this.#upgraded.add(socket);
    socket.once("close", () => this.#upgraded.delete(socket));
  }

  /** Takes no more requests, lets those under way end in their time, and ends what was upgraded last. */
  async drain(server: Server, seconds: number): Promise<void> {
    this.#isDraining = true;
    const closed = new Promise<void>((resolve) => {
      server.close(() => resolve());
    });
    for (const response of this.#responses) response.shouldKeepAlive = false;
    if (this.#responses.size > 0) {
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, seconds * 1000);
        this.#onIdle = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
    for (const socket of this.#upgraded) socket.destroy();
    server.closeAllConnections();
    await closed;
  }
}
