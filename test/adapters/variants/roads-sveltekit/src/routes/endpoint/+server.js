export const fallback = () => new Response("the endpoint", { headers: { "x-endpoint": "yes" } });
