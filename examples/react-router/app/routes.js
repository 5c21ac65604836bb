import { index, route } from "@react-router/dev/routes";

export default [
  index("routes/home.jsx"),
  route("admin", "routes/admin.jsx"),
  route("public", "routes/public.jsx"),
  route("upload", "routes/upload.js"),
];
