import { defineEventHandler } from "h3";

export default defineEventHandler(({ context: { access } }) => {
  const { principal } = access;
  return `${principal.kind} ${principal.email ?? principal.name}`;
});
