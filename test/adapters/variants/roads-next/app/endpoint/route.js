const answer = () => new Response("the endpoint", { headers: { "x-endpoint": "yes" } });

export {
  answer as DELETE,
  answer as GET,
  answer as HEAD,
  answer as OPTIONS,
  answer as PATCH,
  answer as POST,
  answer as PUT,
};
