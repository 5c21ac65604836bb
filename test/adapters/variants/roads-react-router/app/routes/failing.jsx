export function loader() {
  throw new Error("the loader ran");
}

export default function Failing() {
  return null;
}
