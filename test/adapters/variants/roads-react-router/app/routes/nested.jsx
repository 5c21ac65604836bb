export const loader = () => ({ text: "the nested part" });

export default function Nested({ loaderData }) {
  return loaderData.text;
}
