import { createFileRoute } from "@tanstack/react-router";

export const Route = createFileRoute("/admin")({
  loader: () => "the admin area",
  component: () => <p>{Route.useLoaderData()}</p>,
});
