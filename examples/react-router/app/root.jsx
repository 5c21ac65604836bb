import { Outlet, Scripts } from "react-router";
import { accessGuard } from "./access.server";

// On the root route, it guards every route below.
export const middleware = [accessGuard];

// With a loader here, the browser sends a request to the server, and so to the guard, at every navigation.
export function loader() {
  return null;
}

export default function Root() {
  return (
    <html lang="en">
      <body>
        <Outlet />
        <Scripts />
      </body>
    </html>
  );
}
