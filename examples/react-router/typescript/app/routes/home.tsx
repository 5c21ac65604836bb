import { getAccess } from "postern/react-router";
import { type LoaderFunctionArgs, useLoaderData } from "react-router";

export function loader({ context }: LoaderFunctionArgs) {
  const { principal } = getAccess(context);
  return {
    greeting: `${principal.kind} ${principal.kind === "user" ? principal.email : principal.name}`,
  };
}

export default function Home() {
  const { greeting } = useLoaderData<typeof loader>();
  return <p>{greeting}</p>;
}
