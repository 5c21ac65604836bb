export function ALL({ locals }) {
  const headers = { "x-endpoint": "yes", "x-access": locals.access ? "yes" : "no" };
  return new Response("the endpoint", { headers });
}
