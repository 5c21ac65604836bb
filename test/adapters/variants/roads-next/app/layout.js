import { remove } from "../actions.js";

// A layout's action can be called on every page.
export default function Layout({ children }) {
  return (
    <html lang="en">
      <body>
        {children}
        <form action={remove}>
          <button type="submit">Remove</button>
        </form>
      </body>
    </html>
  );
}
