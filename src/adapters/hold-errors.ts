import type { EventEmitter } from "node:events";

/**
 * Ignores errors of a socket while it has no other error listener, because they would end the process:
 * Node removes its own listeners before an upgrade.
 *
 * @returns a function to call when the upgrade may continue. The listener is then removed as soon as
 * another one is added, for example by a WebSocket library.
 */
export function holdErrors(socket: EventEmitter): () => void {
  add(socket, "error", ignore);
  return () => add(socket, "newListener", leave);
}

function add(socket: EventEmitter, event: string, listener: (event: unknown) => void): void {
  if (!socket.listeners(event).includes(listener)) socket.on(event, listener);
}

function ignore(): void {}

function leave(this: EventEmitter, event: unknown): void {
  if (event === "error") this.off("newListener", leave).off("error", ignore);
}
