import type { EventEmitter } from "node:events";

/**
 * Keeps an error of a socket from ending the process while nothing else listens for one: Node takes its
 * own listeners off before an upgrade.
 *
 * @returns what lets go: the listener leaves when the next one comes, such as a WebSocket library's
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
