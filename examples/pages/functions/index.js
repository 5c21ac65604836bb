export function onRequestGet({ data }) {
  const { principal } = data.access;
  return new Response(`${principal.kind} ${principal.email ?? principal.name}`);
}
