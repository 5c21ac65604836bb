import { createRootRoute, Outlet, Scripts } from "@tanstack/react-router";

export const Route = createRootRoute({
  component: Root,
  notFoundComponent: () => <p>no such page</p>,
});

function Root() {
  return (
    <html lang="en">
      <body>
        <Outlet />
        <Scripts />
      </body>
    </html>
  );
}
