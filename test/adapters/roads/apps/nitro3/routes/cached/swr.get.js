import { defineHandler } from "nitro/h3";

export default defineHandler(
  ({ context: { access } }) => `the admin area of ${access?.principal.email}`,
);
