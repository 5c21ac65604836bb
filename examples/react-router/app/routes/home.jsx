import { getAccess } from "postern/react-router";
import { useLoaderData } from "react-router";

export function loader({ context }) {
  const { principal } = getAccess(context);
  return {
    greeting: `${principal.kind} ${principal.kind === "user" ? principal.email : principal.name}`,
  };
}

export default function Home() {
  const { greeting } = useLoaderData();
  return <p>{greeting}</p>;
}
