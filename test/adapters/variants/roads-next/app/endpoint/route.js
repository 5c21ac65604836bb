import { getAccess } from "postern/next";
import { accessVerifier } from "../../access.js";

async function answer(request) {
  const { access } = await getAccess(accessVerifier(), request, { optional: true });
  const headers = { "x-endpoint": "yes", "x-access": access ? "yes" : "no" };
  return new Response("the endpoint", { headers });
}

export {
  answer as DELETE,
  answer as GET,
  answer as HEAD,
  answer as OPTIONS,
  answer as PATCH,
  answer as POST,
  answer as PUT,
};
