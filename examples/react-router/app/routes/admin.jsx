export function loader() {
  return { text: "the admin area" };
}

export default function Admin({ loaderData }) {
  return <p>{loaderData.text}</p>;
}
