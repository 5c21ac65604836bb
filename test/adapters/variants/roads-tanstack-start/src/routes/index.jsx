import { createFileRoute } from "@tanstack/react-router";
import { createServerFn } from "@tanstack/react-start";

const read = createServerFn().handler(() => "the server function");
const write = createServerFn({ method: "POST" }).handler(() => "the server function");

// Where they are called: what is printed for the walk to read.
export const Route = createFileRoute("/")({
  loader: () => `${read.url} ${write.url}`,
  component: () => <p>{Route.useLoaderData()}</p>,
});
