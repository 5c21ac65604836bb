import { defineAction } from "astro:actions";

const remove = defineAction({
  accept: "form",
  handler: () => {
    globalThis.removals = (globalThis.removals ?? 0) + 1;
    return { done: "the action ran" };
  },
});

export const server = { remove, nested: { remove } };
