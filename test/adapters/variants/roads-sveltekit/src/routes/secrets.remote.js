import { command, form, query } from "$app/server";

export const secret = query(() => "the remote function");
export const order = command("unchecked", () => "the remote function");
export const remove = form("unchecked", () => {
  globalThis.removals = (globalThis.removals ?? 0) + 1;
  return "the remote function";
});
