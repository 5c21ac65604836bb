export const ALL = () => new Response("the endpoint", { headers: { "x-endpoint": "yes" } });
