import { createFileRoute } from "@tanstack/react-router";

const ANY = () => new Response("the endpoint", { headers: { "x-endpoint": "yes" } });

export const Route = createFileRoute("/endpoint")({ server: { handlers: { ANY } } });
