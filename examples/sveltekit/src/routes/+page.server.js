export const load = ({ locals }) => {
  const { principal } = locals.access;
  return {
    greeting: `${principal.kind} ${principal.kind === "user" ? principal.email : principal.name}`,
  };
};
