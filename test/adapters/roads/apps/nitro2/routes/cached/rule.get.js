import { defineEventHandler } from "h3";

export default defineEventHandler(
  ({ context: { access } }) => `the admin area of ${access?.principal.email}`,
);
