import { accessContext } from "postern/react-router";

function answer({ context }) {
  const headers = { "x-resource": "yes", "x-access": context.get(accessContext) ? "yes" : "no" };
  return new Response("the resource", { headers });
}

export const loader = answer;
export const action = answer;
