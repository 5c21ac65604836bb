export default function Public() {
  return <p>open to everybody</p>;
}
