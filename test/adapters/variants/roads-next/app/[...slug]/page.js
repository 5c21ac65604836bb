import { notFound } from "next/navigation";

// Matches every other path, as sites with an editor do.
export default async function CatchAll({ params }) {
  const { slug } = await params;
  if (slug[0] === "nowhere") notFound();
  return <p>the all-taking page</p>;
}
