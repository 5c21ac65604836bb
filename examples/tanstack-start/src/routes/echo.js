import { createFileRoute } from "@tanstack/react-router";

// The guard has not read the body, so it can be streamed.
export const Route = createFileRoute("/echo")({
  server: { handlers: { POST: ({ request }) => new Response(request.body) } },
});
