export function load({ locals }) {
  const { principal } = locals.access;
  return { greeting: `${principal.kind} ${principal.email ?? principal.name}` };
}
