import { createError, defineEventHandler } from "h3";

export default defineEventHandler(() => {
  throw createError({ statusCode: 500, statusMessage: "the admin area" });
});
