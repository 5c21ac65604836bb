import { Outlet, Scripts } from "react-router";

export { middleware } from "./access.server.js";

export function loader() {
  return { text: "the root loader" };
}

export function Layout({ children }) {
  return (
    <html lang="en">
      <body>
        {children}
        <Scripts />
      </body>
    </html>
  );
}

export default function Root() {
  return <Outlet />;
}

export function ErrorBoundary() {
  return <p>the error boundary</p>;
}
