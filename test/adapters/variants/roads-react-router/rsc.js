// The unstable RSC mode without its bundler: React Router routes, and the bundler's output is
// simulated.
import { createVerifier } from "postern";
import { guard } from "postern/fetch";
import { requireAccess } from "postern/react-router";
import { serve } from "srvx";

// A bundler resolves this for server components, and Node does not.
const { unstable_matchRSCServerRequest: matchRequest, RouterContextProvider } = await import(
  new URL("dist/production/index-react-server.js", import.meta.resolve("react-router/package.json"))
);

const { TEAM_DOMAIN, POLICY_AUD, PORT, FRONT } = process.env;

const verifier = createVerifier({ team: TEAM_DOMAIN, audience: POLICY_AUD });
const Component = () => null;
const routes = [
  {
    id: "root",
    path: "",
    middleware: [requireAccess(verifier, { publicPaths: ["/public", "/public.rsc"] })],
    Component,
    children: [{ id: "public", path: "public", Component }],
  },
];

let calls = 0;
const serverFunction = () => {
  calls++;
};

const handle = (request) =>
  matchRequest({
    request,
    routes,
    requestContext: new RouterContextProvider(),
    createTemporaryReferenceSet: () => new Set(),
    decodeReply: async () => [],
    loadServerAction: async () => serverFunction,
    decodeAction: async () => serverFunction,
    decodeFormState: async () => undefined,
    generateResponse: ({ statusCode, headers }) =>
      new Response(`calls: ${calls}`, { status: statusCode, headers }),
  });

const isRead = (path, { method }) => path === "/public" && method === "GET";
const inFront = guard(verifier, handle, { publicPaths: isRead });

serve({
  hostname: "127.0.0.1",
  port: Number(PORT),
  silent: true,
  fetch: FRONT === "none" ? handle : inFront,
});
