import { connection } from "next/server";

export default async function Public() {
  await connection();
  return <p>{`open to everybody, removals: ${globalThis.removals ?? 0}`}</p>;
}
