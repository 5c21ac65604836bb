import { defineHandler } from "nitro/h3";

export default defineHandler(({ context: { access } }) => {
  const { principal } = access;
  return `${principal.kind} ${principal.email ?? principal.name}`;
});
