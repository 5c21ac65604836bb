import { createFileRoute } from "@tanstack/react-router";

export const Route = createFileRoute("/prerendered")({
  component: () => <p>made at build time</p>,
});
