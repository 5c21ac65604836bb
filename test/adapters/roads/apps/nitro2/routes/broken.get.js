import { defineEventHandler } from "h3";

export default defineEventHandler(() => {
  throw new Error("the admin area");
});
