export const loader = () => ({ text: "made at build time" });

export default function Prerendered({ loaderData }) {
  return <p>{loaderData.text}</p>;
}
