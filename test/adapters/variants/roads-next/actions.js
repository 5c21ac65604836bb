"use server";

export async function remove() {
  globalThis.removals = (globalThis.removals ?? 0) + 1;
}
