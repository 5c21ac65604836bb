import { createFileRoute } from "@tanstack/react-router";

// The body has not been touched: it can be streamed.
export const Route = createFileRoute("/echo")({
  server: { handlers: { POST: ({ request }) => new Response(request.body) } },
});
