import { route } from "@react-router/dev/routes";

export default [
  route("admin", "routes/admin.jsx", [route("nested", "routes/nested.jsx")]),
  route("public", "routes/public.jsx"),
  route("resource", "routes/resource.js"),
  route("shortcut", "routes/public.jsx", { id: "shortcut" }),
  route("failing", "routes/failing.jsx"),
  route("prerendered", "routes/prerendered.jsx"),
];
