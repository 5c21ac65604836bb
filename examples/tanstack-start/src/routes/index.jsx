import { createFileRoute } from "@tanstack/react-router";
import { createServerFn } from "@tanstack/react-start";

// Server functions get what the global middleware put into the context.
const whoami = createServerFn().handler(({ context }) => {
  const { principal } = context.access;
  return `${principal.kind} ${principal.kind === "user" ? principal.email : principal.name}`;
});

export const Route = createFileRoute("/")({ loader: () => whoami(), component: Home });

function Home() {
  return <p>{Route.useLoaderData()}</p>;
}
