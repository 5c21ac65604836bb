const answer = () => new Response("the resource", { headers: { "x-resource": "yes" } });

export const loader = answer;
export const action = answer;
