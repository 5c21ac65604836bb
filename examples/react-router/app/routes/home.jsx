import { getAccess } from "postern/react-router";

export function loader({ context }) {
  const { principal } = getAccess(context);
  return { greeting: `${principal.kind} ${principal.email ?? principal.name}` };
}

export default function Home({ loaderData }) {
  return <p>{loaderData.greeting}</p>;
}
