import { Outlet } from "react-router";

export const loader = () => ({ text: "the admin area" });
export const action = () => ({ text: "the admin area" });

export default function Admin({ loaderData }) {
  return (
    <p>
      {loaderData.text} <Outlet />
    </p>
  );
}
