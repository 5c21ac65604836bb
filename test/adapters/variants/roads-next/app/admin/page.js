// Made at build time.
export default function Admin() {
  return <p>the admin area</p>;
}
