import type { PageServerLoad } from "./$types";

export const load: PageServerLoad = ({ locals }) => {
  const { principal } = locals.access;
  return {
    greeting: `${principal.kind} ${principal.kind === "user" ? principal.email : principal.name}`,
  };
};
